"""Every page: accessible, and without horizontal scrolling on phones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.screenshots import Screenshots
from tests.browser.server import Site

PATHS = {"documents": "/webui/", "graph": "/webui/graph/", "chat": "/webui/chat/"}


@pytest.mark.parametrize("name", PATHS)
def test_a_page_is_accessible_in_both_themes(page: Page, name: str) -> None:
    page.goto(PATHS[name])
    expect(page.locator("h1")).to_be_attached()
    assert accessibility.findings(page) == []


@pytest.mark.parametrize("name", PATHS)
def test_a_page_does_not_scroll_horizontally_on_a_phone(
    page: Page, name: str, screenshots: Screenshots
) -> None:
    page.goto(PATHS[name])
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    screenshots.take(page, name)


def test_an_empty_workspace_shows_the_first_step(page: Page, site: Site) -> None:
    site.enter(page, site.workspace())
    page.goto("/webui/")
    expect(page.get_by_text("Drop files or a folder here")).to_be_visible()
    assert accessibility.findings(page) == []
