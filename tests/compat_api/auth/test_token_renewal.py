"""Renewal of tokens in use; polling does not renew."""

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


def test_token_near_expiry_is_renewed_once_per_minute(api: Api, accounts: None) -> None:
    api.headers = old(23)
    renewed = api.get(COUNTS)["X-New-Token"]
    assert tokens.read(renewed).subject == "ada"
    assert tokens.read(renewed).expires.timestamp() > time.time() + 47 * HOUR
    assert "X-New-Token" not in api.get(COUNTS)


def test_fresh_token_is_not_renewed(api: Api, accounts: None) -> None:
    api.headers = old(25)
    assert "X-New-Token" not in api.get(COUNTS)


@pytest.mark.parametrize("path", ["/health", "/documents/pipeline_status"])
def test_polled_operations_do_not_renew(api: Api, accounts: None, path: str) -> None:
    api.headers = old(1)
    answer = api.get(path)
    assert answer.status_code == 200
    assert "X-New-Token" not in answer


def test_list_of_documents_does_not_renew(api: Api, accounts: None) -> None:
    api.headers = old(1)
    assert "X-New-Token" not in api.post("/documents/paginated", {})


def test_stream_has_the_new_token(api: Api, accounts: None) -> None:
    async def ask() -> str:
        body = json.dumps({"query": "Who was it?", "only_need_context": True})
        answer = await AsyncClient().post(
            "/query/stream", body, "application/json", headers=old(1)
        )
        return str(answer["X-New-Token"])

    assert tokens.read(async_to_sync(ask)()).subject == "ada"


def test_renewal_can_be_disabled(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    configure_access(token_auto_renew=False)
    api.headers = old(1)
    assert "X-New-Token" not in api.get(COUNTS)


def test_renewal_threshold_is_configurable(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    configure_access(token_renew_threshold=0.9)
    api.headers = old(40)
    assert "X-New-Token" in api.get(COUNTS)


def test_guest_token_is_renewed_on_an_open_server_or_with_a_key(
    api: Api, configure: Configure, configure_access: Configure, no_redis: None
) -> None:
    configure_access(token_secret=SECRET)
    api.headers = old(1, "guest", "guest")
    assert tokens.read(api.get(COUNTS)["X-New-Token"]).role == "guest"
    configure(api_key="key123")
    assert "X-New-Token" not in api.get(COUNTS)


def test_refused_request_does_not_renew(
    api: Api, configure: Configure, configure_access: Configure, no_redis: None
) -> None:
    configure(api_key="key123")
    configure_access(token_secret=SECRET)
    api.headers = old(1, "guest", "guest")
    assert "X-New-Token" not in api.get(COUNTS)
    api.headers["X-API-Key"] = "key123"
    assert "X-New-Token" in api.get(COUNTS)
