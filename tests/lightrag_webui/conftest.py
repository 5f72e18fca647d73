"""Fixtures: a complete server with LightRAG's web UI, and a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import chromium, live_server
from tests.lightrag_webui.web_ui import WebUI
from tests.live_server import LiveServer

NAME, PASSWORD = "anna", "a-password-for-tests"
VARIABLES = {
    "DJANGO_SETTINGS_MODULE": "tests.lightrag_webui.settings",
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
    """Start the server. Its client is logged in."""
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
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of screenshots: SHOTS, or a temporary folder."""
    name = os.environ.get("SHOTS")
    folder = Path(name) if name else tmp_path_factory.mktemp("lightrag_webui")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def logged_out_ui(
    server: LiveServer, browser: Browser, screenshots: Path
) -> Iterator[WebUI]:
    """Open the UI in a new browser profile, on a server without documents.

    The test fails on errors of the page.
    """
    server.client.delete("/documents").raise_for_status()
    server.client.post("/documents/clear_cache", json={}).raise_for_status()
    address = str(server.client.base_url)
    with chromium.page(browser, address) as (page, page_errors):
        ui = WebUI(page, address, page_errors, screenshots)
        ui.open()
        yield ui
        assert page_errors.unexpected == []


@pytest.fixture
def ui(logged_out_ui: WebUI) -> WebUI:
    """Open the UI and log in."""
    logged_out_ui.log_in(NAME, PASSWORD)
    return logged_out_ui
