"""The number of clicks from an empty server to an answer with a citation.

`docs/pages.md` lists them.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.server import Site

DONE = ".answer:not(.open) .facts:not(:empty)"
COUNT = """addEventListener("click", (event) => {
    if (event.isTrusted && event.detail > 0)
        sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""


def clicks(page: Page) -> int:
    count: int = page.evaluate("Number(sessionStorage.clicks ?? 0)")
    return count


def write_file(site: Site, folder: Path) -> Path:
    folder.mkdir()
    path = folder / site.samples.chinese
    path.write_bytes(site.samples.files[path.name])
    return path


def ask_and_open_source(page: Page) -> None:
    """Click on the chat, and on a source, which opens the chunk beside the answer."""
    expect(page.locator(".badge.processed")).to_have_count(1, timeout=60_000)
    page.get_by_role("link", name="Chat").click()
    page.wait_for_url(re.compile("/webui/chat/"))  # its script is loaded
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("烏山頭水庫是誰設計的？")
    page.keyboard.press("Enter")
    page.locator(DONE).wait_for(timeout=60_000)
    page.locator(".chips .source").first.click()
    expect(page.locator("#source-pane .chunk-text")).to_be_visible()


def test_three_clicks_with_the_upload_button(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.add_init_script(COUNT)
    site.enter(page, site.workspace())
    page.goto("/webui/")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files(write_file(site, tmp_path / "mine"))
    ask_and_open_source(page)
    assert clicks(page) == 3


def test_two_clicks_with_a_dropped_folder(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.add_init_script(COUNT)
    site.enter(page, site.workspace())
    page.goto("/webui/")
    folder = write_file(site, tmp_path / "mine").parent
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 700, "y": 400, "data": data}
        browser.send("Input.dispatchDragEvent", event)
    ask_and_open_source(page)
    assert clicks(page) == 2
