"""The system's Chromium, driven by Playwright, with WebGL for the graph page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.page_errors import PageErrors

PATH = shutil.which("chromium") or ""
needed = pytest.mark.skipif(not PATH, reason="chromium is not installed")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # WebGL without a graphics card.
    "--enable-unsafe-swiftshader",
    "--use-gl=angle",
    "--use-angle=swiftshader",
)


@contextmanager
def running() -> Iterator[Browser]:
    """Start a browser with a new profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, address: str) -> Iterator[tuple[Page, PageErrors]]:
    """Open a page with its own cookies and watch its errors."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    try:
        page, page_errors = context.new_page(), PageErrors(address)
        page_errors.attach(page)
        yield page, page_errors
    finally:
        context.close()
