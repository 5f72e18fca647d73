"""Middleware: API requests skip what only pages need, and keep the common headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.module_loading import import_string
from pytest_django import DjangoDbBlocker

from lightrag_site.asgi import application
from tests.compat_api.serving import site


@pytest.fixture(scope="module")
def client(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[httpx.Client]:
    with (
        django_db_blocker.unblock(),
        site(application) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


class Threads:
    """Counts the calls that Django makes in a thread."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, function: Any, *args: Any, **options: Any) -> Any:
        self.calls += 1
        return sync_to_async(function, *args, **options)


async def test_no_middleware_of_an_api_request_runs_in_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = Threads()
    monkeypatch.setattr("django.utils.deprecation.sync_to_async", threads)
    monkeypatch.setattr("lightrag_site.serving.middleware.sync_to_async", threads)

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    for path in settings.MIDDLEWARE:
        middleware = import_string(path)(view)
        set_up = threads.calls  # CsrfViewMiddleware adapts its hook once
        await middleware(RequestFactory().get("/auth-status"))
        assert threads.calls == set_up, path


def test_every_class_of_django_is_one_that_skips_api_requests_or_does_not_block() -> (
    None
):
    names = [path for path in settings.MIDDLEWARE if path.startswith("django.")]
    assert names == []


@pytest.mark.parametrize("path", ["/api/version", "/nothing", "/auth-status"])
def test_api_response_has_the_common_headers(
    client: httpx.Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = replace(settings.LIGHTRAG.server, cors_origins=("*",))
    monkeypatch.setattr(settings, "LIGHTRAG", replace(settings.LIGHTRAG, server=server))
    answer = client.get(path, headers={"Origin": "http://elsewhere.example"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Access-Control-Allow-Origin"]
    assert "Set-Cookie" not in answer.headers


def test_unknown_path_is_answered_in_json(client: httpx.Client) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/admin/login/", "/webui/", "/docs"])
def test_pages_have_a_content_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert "script-src" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
