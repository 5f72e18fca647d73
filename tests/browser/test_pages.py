"""Every page: whole, quiet, and for everyone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.served import Site
from tests.browser.shots import Shots

PATHS = {"documents": "/webui/", "graph": "/webui/graph/", "chat": "/webui/chat/"}


@pytest.mark.parametrize("place", PATHS)
def test_a_page_is_for_everyone_in_both_themes(page: Page, place: str) -> None:
    page.goto(PATHS[place])
    expect(page.locator("h1")).to_be_attached()
    assert accessibility.findings(page) == []


@pytest.mark.parametrize("place", PATHS)
def test_a_page_has_no_sideways_scroll_on_a_phone(
    page: Page, place: str, shots: Shots
) -> None:
    page.goto(PATHS[place])
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    shots.take(page, place)


def test_an_empty_workspace_says_what_to_do_first(page: Page, site: Site) -> None:
    site.enter(page, site.workspace())
    page.goto("/webui/")
    expect(page.get_by_text("Drop files or a folder here")).to_be_visible()
    assert accessibility.findings(page) == []
