"""Decision table of docs/lightrag.md A.0: credentials, status and message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import RequestFactory

from compat_api.auth import accounts as people
from compat_api.auth import api_keys, passwords, tokens
from compat_api.auth.api_keys import NewKey
from compat_api.models import Role
from lightrag_site.configuration.config_classes import AccountConfig
from tests.compat_api.auth.conftest import SECRET
from tests.compat_api.conftest import Api, Configure

COUNTS = "/documents/status_counts"
KEY = "key123"
LOGIN_AGAIN = "Invalid token. Please login again."
NOTHING = "No credentials provided. Please login."


@dataclass(frozen=True)
class Case:
    """A server (key, accounts), the credentials, and the expected response."""

    key: str = ""
    accounts: bool = False
    bearer: str = ""
    header: str = ""
    status: int = 200
    detail: str = ""


BEARERS: dict[str, Callable[[], str]] = {
    "": lambda: "",
    "user": lambda: tokens.issue("ada"),
    "guest": tokens.issue_guest,
    "unknown": lambda: tokens.issue("nobody"),
    "garbage": lambda: "abc",
    "key": lambda: KEY,
}

OPEN = [Case(bearer=bearer) for bearer in BEARERS] + [Case(header="nope")]
KEY_ONLY = [
    Case(KEY, status=403, detail="API Key required"),
    Case(KEY, header="nope", status=403, detail="Invalid API Key"),
    Case(KEY, header=KEY),
    Case(KEY, bearer="key"),
    Case(KEY, bearer="guest", status=403, detail="API Key required"),
    Case(KEY, bearer="guest", header="nope", status=403, detail="Invalid API Key"),
    Case(KEY, bearer="guest", header=KEY),
    Case(KEY, bearer="user", status=401, detail=LOGIN_AGAIN),
    Case(KEY, bearer="garbage", status=401, detail="Invalid token"),
    Case(KEY, bearer="garbage", header=KEY, status=401, detail="Invalid token"),
]
ACCOUNTS = [
    Case(accounts=True, status=401, detail=NOTHING),
    Case(accounts=True, header="nope", status=401, detail=NOTHING),
    Case(accounts=True, bearer="user"),
    Case(accounts=True, bearer="guest", status=401, detail=LOGIN_AGAIN),
    Case(accounts=True, bearer="unknown", status=401, detail=LOGIN_AGAIN),
    Case(accounts=True, bearer="garbage", status=401, detail="Invalid token"),
]
BOTH = [
    Case(KEY, accounts=True, status=401, detail=NOTHING),
    Case(KEY, accounts=True, header=KEY),
    Case(KEY, accounts=True, header="nope", status=401, detail=NOTHING),
    Case(KEY, accounts=True, bearer="user"),
    Case(KEY, accounts=True, bearer="key"),
    Case(
        KEY, accounts=True, bearer="guest", header=KEY, status=401, detail=LOGIN_AGAIN
    ),
]


@pytest.mark.parametrize("case", OPEN + KEY_ONLY + ACCOUNTS + BOTH)
def test_decision_table(
    api: Api, configure: Configure, configure_access: Configure, case: Case
) -> None:
    configure(api_key=case.key)
    accounts = (AccountConfig("ada", "secret"),) if case.accounts else ()
    configure_access(accounts=accounts, token_secret=SECRET)
    if case.bearer:
        api.headers["Authorization"] = f"Bearer {BEARERS[case.bearer]()}"
    if case.header:
        api.headers["X-API-Key"] = case.header
    answer = api.get(COUNTS)
    assert answer.status_code == case.status
    if case.detail:
        assert answer.json() == {"detail": case.detail}
    assert answer.get("WWW-Authenticate") == ("Bearer" if case.status == 401 else None)


def test_named_key_alone_closes_the_server(api: Api) -> None:
    _, text = api_keys.create(NewKey("bot", Role.READ))
    assert api.get(COUNTS).json() == {"detail": "API Key required"}
    api.headers["X-API-Key"] = "lr-unknown"
    assert api.get(COUNTS).json() == {"detail": "Invalid API Key"}
    api.headers["X-API-Key"] = text
    assert api.get(COUNTS).status_code == 200


def test_server_stays_closed_after_the_last_key_is_revoked(api: Api) -> None:
    _, text = api_keys.create(NewKey("bot", Role.READ))
    api_keys.revoke("bot")
    assert api.get(COUNTS).status_code == 403
    api.headers["X-API-Key"] = text
    assert api.get(COUNTS).json() == {"detail": "Invalid API Key"}


def test_verify_rejects_an_invalid_token_on_an_open_server(api: Api) -> None:
    assert api.get("/auth/verify").json() == {"status": "ok"}
    api.headers = {"Authorization": "Bearer of-another-server"}
    answer = api.get("/auth/verify")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token"})
    assert api.get("/documents/status_counts").status_code == 200


def test_verify_needs_credentials_on_a_whitelisted_path(
    api: Api, configure: Configure, accounts: None
) -> None:
    configure(whitelist_paths=("/auth/*",))
    assert api.get("/auth/verify").json() == {"detail": NOTHING}
    api.headers["Authorization"] = f"Bearer {tokens.issue('ada')}"
    assert api.get("/auth/verify").json() == {"status": "ok"}


def test_whitelisted_path_accepts_an_invalid_token(
    api: Api, configure: Configure, accounts: None
) -> None:
    configure(whitelist_paths=("/documents/*",))
    api.headers["Authorization"] = "Bearer abc"
    assert api.get(COUNTS).status_code == 200


def test_hashed_and_plain_passwords_are_accepted() -> None:
    hashed = passwords.hashed("secret")
    assert hashed.startswith("{bcrypt}$2b$12$")
    assert passwords.matches("secret", hashed)
    assert passwords.matches("secret", "secret")
    assert not passwords.matches("other", hashed)
    assert not passwords.matches("{bcrypt}", "{bcrypt}")
    assert not passwords.matches("x", None)


def test_token_becomes_invalid_with_its_password(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    account = people.check_password(RequestFactory().post("/login"), "ada", "secret")
    assert account
    token = tokens.issue(account.name, kind=account.kind, state=account.state)
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.get(COUNTS).status_code == 200
    configure_access(accounts=(AccountConfig("ada", "another"),))
    assert api.get(COUNTS).json() == {"detail": LOGIN_AGAIN}
