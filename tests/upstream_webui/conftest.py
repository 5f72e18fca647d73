"""A whole server with LightRAG's web UI on it, and a browser that looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import chromium, live_server
from tests.live_server import LiveServer
from tests.upstream_webui.driving import WebUI

STAND_INS = {
    "DJANGO_SETTINGS_MODULE": "tests.upstream_webui.settings",
    "LLM_BINDING": "fake",
    "FAKE_LLM_LATENCY": "0.5",
    "EMBEDDING_BINDING": "fake",
    "COSINE_THRESHOLD": "0",
    "LOG_LEVEL": "WARNING",
}


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with live_server.started(STAND_INS) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def ui(server: LiveServer, browser: Browser) -> Iterator[WebUI]:
    """The UI in a browser that has never seen it, on a server without documents.

    When a test is over, nothing may have gone wrong on the page.
    """
    server.client.delete("/documents").raise_for_status()
    server.client.post("/documents/clear_cache", json={}).raise_for_status()
    with chromium.page(browser) as (page, watched):
        ui = WebUI(page, str(server.client.base_url))
        ui.open()
        yield ui
        assert watched.problems == ui.provoked
