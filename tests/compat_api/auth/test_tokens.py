"""Forged, altered and expired tokens."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from compat_api.auth import tokens
from tests.compat_api.auth.conftest import SECRET
from tests.compat_api.conftest import Api, Configure

COUNTS = "/documents/status_counts"


def claims(**changes: Any) -> dict[str, Any]:
    return {"sub": "ada", "role": "user", "exp": int(time.time()) + 60} | changes


def signed(key: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm)


def unsigned(header: dict[str, str]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, claims())
    ]
    return ".".join([*parts, ""])


def altered() -> str:
    head, _, signature = signed().split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(sub="root")).encode())
    return f"{head}.{body.rstrip(b'=').decode()}.{signature}"


BAD: dict[str, Callable[[], str]] = {
    "another secret": lambda: signed("another secret of more than 32 characters"),
    "another algorithm": lambda: signed(SECRET * 2, "HS512"),
    "no signature": lambda: unsigned({"alg": "none", "typ": "JWT"}),
    "no signature, in capitals": lambda: unsigned({"alg": "NONE", "typ": "JWT"}),
    "altered": altered,
    "cut": lambda: signed()[:-4],
    "without an end": lambda: jwt.encode({"sub": "ada"}, SECRET, algorithm="HS256"),
    "without a subject": lambda: jwt.encode(
        {"exp": int(time.time()) + 60}, SECRET, algorithm="HS256"
    ),
    "of a very long name": lambda: signed(sub="a" * 257),
    "not yet valid": lambda: signed(nbf=int(time.time()) + 60),
}


@pytest.mark.parametrize("name", BAD)
def test_invalid_token_is_refused(api: Api, accounts: None, name: str) -> None:
    api.headers["Authorization"] = f"Bearer {BAD[name]()}"
    answer = api.get(COUNTS)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Invalid token"}


def test_expired_token_is_reported_as_expired(api: Api, accounts: None) -> None:
    api.headers["Authorization"] = f"Bearer {signed(exp=int(time.time()) - 1)}"
    answer = api.get(COUNTS)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Token expired"}


def test_token_of_lightrag_with_the_same_secret_is_valid(
    api: Api, accounts: None
) -> None:
    token = signed(metadata={"auth_mode": "enabled"})
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.get(COUNTS).status_code == 200


def test_only_the_configured_algorithm_is_accepted(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    configure_access(jwt_algorithm="HS512", token_secret=SECRET * 2)
    api.headers["Authorization"] = f"Bearer {tokens.issue('ada')}"
    assert api.get(COUNTS).status_code == 200
    api.headers["Authorization"] = f"Bearer {signed(SECRET * 2, 'HS256')}"
    assert api.get(COUNTS).json() == {"detail": "Invalid token"}


def test_guest_tokens_expire_earlier(configure_access: Configure) -> None:
    configure_access(token_secret=SECRET)
    user, guest = tokens.read(tokens.issue("ada")), tokens.read(tokens.issue_guest())
    assert (user.expires - guest.expires).total_seconds() == pytest.approx(
        24 * 3600, abs=2
    )


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
