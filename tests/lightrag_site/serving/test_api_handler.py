"""The API's way through Django is shorter than the pages', and leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from lightrag_site.asgi import application
from lightrag_site.serving import api_handler
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


def test_its_middleware_is_of_the_sites_and_in_its_order() -> None:
    names = [path.rpartition(".")[2] for path in settings.MIDDLEWARE]
    ours = [
        next(name for name in names if name.startswith(one.__name__))
        for one in api_handler.MIDDLEWARE
    ]
    assert ours == sorted(ours, key=names.index)


@pytest.mark.parametrize("path", ["/api/version", "/nothing", "/auth-status"])
def test_an_answer_has_the_headers_that_the_site_gives(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path, headers={"Origin": "http://elsewhere.example"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Access-Control-Allow-Origin"]
    assert "Set-Cookie" not in answer.headers


def test_an_unknown_address_is_told_in_json(client: httpx.Client) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/admin/login/", "/webui/", "/docs"])
def test_pages_keep_their_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert "script-src" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
