"""Fixtures: servers with accounts, Redis and lockout."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from redis import Redis

from lightrag_site import paths
from lightrag_site.configuration.config_classes import AccountConfig
from lightrag_site.running import embedded_valkey, processes
from tests.compat_api.conftest import Configure

SECRET = "a secret of more than thirty-two characters"
Login = Callable[..., Any]


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    here = paths.of(tmp_path_factory.mktemp("valkey"))
    child = embedded_valkey.start(here)
    yield f"unix://{here.valkey_socket}"
    processes.stop([child])


@pytest.fixture
def redis(valkey: str, settings: Settings) -> str:
    """Return an empty Redis."""
    settings.REDIS_URL = valkey
    client = Redis.from_url(valkey)
    client.flushall()
    client.close()
    return valkey


@pytest.fixture
def no_redis(settings: Settings, request: pytest.FixtureRequest) -> None:
    """Configure a Redis URL at which nothing responds."""
    name = hashlib.md5(request.node.nodeid.encode()).hexdigest()
    settings.REDIS_URL = f"unix:///nonexistent/{name}"


@pytest.fixture
def accounts(configure_access: Configure, no_redis: None) -> None:
    """Configure an account `ada` with the password `secret`."""
    configure_access(accounts=(AccountConfig("ada", "secret"),), token_secret=SECRET)


@pytest.fixture
def login() -> Login:
    """Send POST /login as a form."""

    def send(username: str, password: str, **headers: str) -> Any:
        form = {"username": username, "password": password}
        return Client(headers=headers).post("/login", form)

    return send
