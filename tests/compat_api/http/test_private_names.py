"""Private names of other packages that we use; an upgrade that changes one fails here."""

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from mcp.server.lowlevel import Server
from ninja import Body, Router, Schema
from ninja.schema import DjangoGetter

from compat_api.mcp.server import server


class Question(Schema):
    """A body with one field."""

    text: str


def ask(request: HttpRequest, body: Body[Question]) -> None:
    """Take a body."""


def test_ninja_names_the_source_of_parameters_on_their_model() -> None:
    router = Router()
    router.post("/ask")(ask)
    (operation,) = router.path_operations["/ask"].operations
    (model,) = operation.models
    assert model.__ninja_param_source__ == "body"
    assert model.__ninja_flatten_map_reverse__ == {}
    assert model.__read_from_single_attr__ == "body"


def test_ninja_keeps_the_input_in_its_getter() -> None:
    value = SimpleNamespace(text="x")
    assert DjangoGetter(value, Question)._obj is value


def test_mcp_has_a_server_below_its_server() -> None:
    assert isinstance(server._lowlevel_server, Server)


def test_django_reports_the_reason_of_a_csrf_refusal() -> None:
    assert callable(CsrfViewMiddleware._reject)  # type: ignore[attr-defined]
