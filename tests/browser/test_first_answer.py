"""From nothing to a cited answer, by somebody who has read nothing: the clicks, counted.

`docs/pages.md` holds the list; a click more makes the test fail.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.served import Site

DONE = ".answer:not(.open) .time:not(:empty)"
COUNT = """addEventListener("click", (event) => {
    if (event.isTrusted && event.detail > 0)
        sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""


def clicks(page: Page) -> int:
    found: int = page.evaluate("Number(sessionStorage.clicks ?? 0)")
    return found


def written(site: Site, folder: Path) -> Path:
    folder.mkdir()
    path = folder / site.material.chinese
    path.write_bytes(site.material.files[path.name])
    return path


def ask_and_look(page: Page) -> None:
    """Two clicks: to the chat, and on a citation, which opens the passage."""
    expect(page.locator(".badge.processed")).to_have_count(1, timeout=60_000)
    page.get_by_role("link", name="Chat").click()
    page.wait_for_url(re.compile("/webui/chat/"))  # and for its script
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("烏山頭水庫是誰設計的？")
    page.keyboard.press("Enter")
    page.locator(DONE).wait_for(timeout=60_000)
    page.locator(".chips .source").first.click()
    expect(page).to_have_url(re.compile(r"/webui/documents/.+#chunk-\d+"))
    expect(page.locator(":target")).to_be_visible()


def test_it_takes_three_clicks_with_the_upload_button(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.add_init_script(COUNT)
    site.enter(page, site.workspace())
    page.goto("/webui/")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(written(site, tmp_path / "mine"))
    ask_and_look(page)
    assert clicks(page) == 3


def test_it_takes_two_clicks_where_a_folder_is_dropped(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.add_init_script(COUNT)
    site.enter(page, site.workspace())
    page.goto("/webui/")
    folder = written(site, tmp_path / "mine").parent
    browser = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": 700, "y": 400, "data": data}
        browser.send("Input.dispatchDragEvent", event)
    ask_and_look(page)
    assert clicks(page) == 2
