"""A whole server with LightRAG's web UI on it, and a browser that looks at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import chromium, live_server
from tests.live_server import LiveServer
from tests.upstream_webui.driving import WebUI

NAME, PASSWORD = "anna", "a-password-for-tests"
VARIABLES = {
    "DJANGO_SETTINGS_MODULE": "tests.upstream_webui.settings",
    "AUTH_ACCOUNTS": f"{NAME}:{PASSWORD}",
    "TOKEN_SECRET": "a-secret-for-tests-that-is-long-enough",
    "LLM_BINDING": "fake",
    "FAKE_LLM_LATENCY": "0.5",
    "EMBEDDING_BINDING": "fake",
    "COSINE_THRESHOLD": "0",
    "LOG_LEVEL": "WARNING",
}


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """Its client is logged in."""
    with live_server.started(VARIABLES) as server:
        form = {"username": NAME, "password": PASSWORD}
        token = server.client.post("/login", data=form).json()["access_token"]
        server.client.headers["Authorization"] = f"Bearer {token}"
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they go: a folder of the test session, or the one that SHOTS names."""
    named = os.environ.get("SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("upstream_webui")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def door(server: LiveServer, browser: Browser, pictures: Path) -> Iterator[WebUI]:
    """The UI in a browser that has never seen it, on a server without documents.

    When a test is over, nothing may have gone wrong on the page.
    """
    server.client.delete("/documents").raise_for_status()
    server.client.post("/documents/clear_cache", json={}).raise_for_status()
    address = str(server.client.base_url)
    with chromium.page(browser, address) as (page, watch):
        ui = WebUI(page, address, watch, pictures)
        ui.open()
        yield ui
        assert watch.serious == []


@pytest.fixture
def ui(door: WebUI) -> WebUI:
    """The same, logged in."""
    door.log_in(NAME, PASSWORD)
    return door
