"""docs/lightrag.md A.0's table of decisions: who is let in with what, and in which words not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import RequestFactory

from compat_api.auth import accounts as people
from compat_api.auth import api_keys, passwords, tokens
from compat_api.auth.api_keys import Wanted
from compat_api.models import Role
from lightrag_site.configuration.config import AccountConfig
from tests.compat_api.auth.conftest import SECRET, Configure
from tests.compat_api.conftest import Api

COUNTS = "/documents/status_counts"
KEY = "key123"
LOGIN_AGAIN = "Invalid token. Please login again."
NOTHING = "No credentials provided. Please login."


@dataclass(frozen=True)
class Case:
    """A server (its key, whether it has accounts), what is brought, what comes back."""

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
    "stranger": lambda: tokens.issue("nobody"),
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
    Case(accounts=True, bearer="stranger", status=401, detail=LOGIN_AGAIN),
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
def test_the_table_holds(
    api: Api, configure: Configure, configure_access: Configure, case: Case
) -> None:
    configure(api_key=case.key)
    who = (AccountConfig("ada", "secret"),) if case.accounts else ()
    configure_access(accounts=who, token_secret=SECRET)
    if case.bearer:
        api.headers["Authorization"] = f"Bearer {BEARERS[case.bearer]()}"
    if case.header:
        api.headers["X-API-Key"] = case.header
    answer = api.get(COUNTS)
    assert answer.status_code == case.status
    if case.detail:
        assert answer.json() == {"detail": case.detail}
    assert answer.get("WWW-Authenticate") == ("Bearer" if case.status == 401 else None)


def test_a_named_key_alone_closes_the_server(api: Api) -> None:
    _, text = api_keys.make(Wanted("bot", Role.READ))
    assert api.get(COUNTS).json() == {"detail": "API Key required"}
    api.headers["X-API-Key"] = "lr-unknown"
    assert api.get(COUNTS).json() == {"detail": "Invalid API Key"}
    api.headers["X-API-Key"] = text
    assert api.get(COUNTS).status_code == 200


def test_it_stays_closed_when_the_last_key_is_revoked(api: Api) -> None:
    _, text = api_keys.make(Wanted("bot", Role.READ))
    api_keys.revoke("bot")
    assert api.get(COUNTS).status_code == 403
    api.headers["X-API-Key"] = text
    assert api.get(COUNTS).json() == {"detail": "Invalid API Key"}


def test_verify_knows_a_bad_token_where_nobody_is_asked(api: Api) -> None:
    assert api.get("/auth/verify").json() == {"status": "ok"}
    api.headers = {"Authorization": "Bearer of-somebody-else"}
    answer = api.get("/auth/verify")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token"})
    assert api.get("/documents/status_counts").status_code == 200


def test_verify_asks_for_credentials_wherever_the_whitelist_leads(
    api: Api, configure: Configure, accounts: None
) -> None:
    configure(whitelist_paths=("/auth/*",))
    assert api.get("/auth/verify").json() == {"detail": NOTHING}
    api.headers["Authorization"] = f"Bearer {tokens.issue('ada')}"
    assert api.get("/auth/verify").json() == {"status": "ok"}


def test_what_the_whitelist_opens_is_open_with_a_bad_token_too(
    api: Api, configure: Configure, accounts: None
) -> None:
    configure(whitelist_paths=("/documents/*",))
    api.headers["Authorization"] = "Bearer abc"
    assert api.get(COUNTS).status_code == 200


def test_accounts_that_hold_a_hash_and_accounts_that_hold_a_password_both_open() -> (
    None
):
    kept = passwords.hashed("secret")
    assert kept.startswith("{bcrypt}$2b$12$")
    assert passwords.fits("secret", kept)
    assert passwords.fits("secret", "secret")
    assert not passwords.fits("other", kept)
    assert not passwords.fits("{bcrypt}", "{bcrypt}")
    assert not passwords.fits("x", None)


def test_a_token_dies_with_the_password_it_was_given_for(
    api: Api, accounts: None, configure_access: Configure
) -> None:
    account = people.open_with(RequestFactory().post("/login"), "ada", "secret")
    assert account
    token = tokens.issue(account.name, kind=account.kind, state=account.state)
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.get(COUNTS).status_code == 200
    configure_access(accounts=(AccountConfig("ada", "another"),))
    assert api.get(COUNTS).json() == {"detail": LOGIN_AGAIN}
