"""Tokens of those who go on working are made anew; pages that poll renew nothing."""

from __future__ import annotations

import json
import time

import jwt
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from compat_api.auth import tokens
from tests.compat_api.auth.conftest import SECRET, Configure
from tests.compat_api.conftest import Api

COUNTS = "/documents/status_counts"
HOUR = 3600


def old(hours_left: float, subject: str = "ada", role: str = "user") -> dict[str, str]:
    end = int(time.time() + hours_left * HOUR)
    payload = {"sub": subject, "role": role, "exp": end}
    token = jwt.encode(payload, SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def test_a_token_past_half_its_time_is_renewed_once_a_minute(
    api: Api, accounts: None
) -> None:
    api.headers = old(23)
    renewed = api.get(COUNTS)["X-New-Token"]
    assert tokens.read(renewed).subject == "ada"
    assert tokens.read(renewed).expires.timestamp() > time.time() + 47 * HOUR
    assert "X-New-Token" not in api.get(COUNTS)


def test_a_fresh_token_is_left_alone(api: Api, accounts: None) -> None:
    api.headers = old(25)
    assert "X-New-Token" not in api.get(COUNTS)


@pytest.mark.parametrize("path", ["/health", "/documents/pipeline_status"])
def test_what_is_polled_renews_nothing(api: Api, accounts: None, path: str) -> None:
    api.headers = old(1)
    answer = api.get(path)
    assert answer.status_code == 200
    assert "X-New-Token" not in answer


def test_neither_does_the_list_of_documents(api: Api, accounts: None) -> None:
    api.headers = old(1)
    assert "X-New-Token" not in api.post("/documents/paginated", {})


def test_a_stream_carries_the_new_token_too(api: Api, accounts: None) -> None:
    async def ask() -> str:
        body = json.dumps({"query": "Who was it?", "only_need_context": True})
        answer = await AsyncClient().post(
            "/query/stream", body, "application/json", headers=old(1)
        )
        return str(answer["X-New-Token"])

    assert tokens.read(async_to_sync(ask)()).subject == "ada"


def test_it_can_be_switched_off(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    configure_access(token_auto_renew=False)
    api.headers = old(1)
    assert "X-New-Token" not in api.get(COUNTS)


def test_how_early_can_be_set(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    configure_access(token_renew_threshold=0.9)
    api.headers = old(40)
    assert "X-New-Token" in api.get(COUNTS)


def test_a_guest_s_token_is_renewed_where_it_opens_or_a_key_does(
    api: Api, configure: Configure, configure_access: Configure, no_redis: None
) -> None:
    configure_access(token_secret=SECRET)
    api.headers = old(1, "guest", "guest")
    assert tokens.read(api.get(COUNTS)["X-New-Token"]).role == "guest"
    configure(api_key="key123")
    assert "X-New-Token" not in api.get(COUNTS)


def test_a_refused_request_renews_nothing(
    api: Api, configure: Configure, configure_access: Configure, no_redis: None
) -> None:
    configure(api_key="key123")
    configure_access(token_secret=SECRET)
    api.headers = old(1, "guest", "guest")
    assert "X-New-Token" not in api.get(COUNTS)
    api.headers["X-API-Key"] = "key123"
    assert "X-New-Token" in api.get(COUNTS)
