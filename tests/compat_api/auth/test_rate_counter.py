"""Limit of requests per minute, in the form of each dialect."""

from __future__ import annotations

import pytest

from compat_api.auth import api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.models import Role
from tests.compat_api.conftest import Api, Configure

COUNTS = "/documents/status_counts"
DETAIL = "Rate limit exceeded: at most 2 requests per minute."


@pytest.fixture(params=["redis", "no_redis"])
def counted(request: pytest.FixtureRequest, configure_access: Configure) -> None:
    """Limit requests to two per minute, with and without Redis."""
    request.getfixturevalue(request.param)
    configure_access(requests_per_minute=2)


def test_third_request_is_refused(api: Api, counted: None) -> None:
    assert [api.get(COUNTS).status_code for _ in range(2)] == [200, 200]
    answer = api.get(COUNTS)
    assert answer.status_code == 429
    assert answer.json() == {"detail": DETAIL}
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_each_key_has_its_own_count_and_limit(api: Api, counted: None) -> None:
    texts = [
        api_keys.create(NewKey(f"bot {most}", Role.READ, requests_per_minute=most))[1]
        for most in (None, 1, 0)
    ]
    for text, passed in zip(texts, (2, 1, 5), strict=True):
        api.headers = {"X-API-Key": text}
        codes = [api.get(COUNTS).status_code for _ in range(5)]
        assert codes.count(200) == passed


def test_health_is_not_limited(api: Api, counted: None) -> None:
    assert {api.get("/health").status_code for _ in range(5)} == {200}


def test_refusal_has_the_form_of_the_dialect(api: Api, counted: None) -> None:
    for _ in range(2):
        api.get("/v1/models")
    openai, ollama = api.get("/v1/models"), api.get("/api/tags")
    assert openai.status_code == ollama.status_code == 429
    assert openai.json()["error"]["code"] == "rate_limit_exceeded"
    assert ollama.json() == {"error": DETAIL, "detail": DETAIL}
    assert openai["Retry-After"]
    assert ollama["Retry-After"]
