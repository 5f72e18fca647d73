"""Debian's Chromium, driven by Playwright, for tests that look at pages.

Whoever opens a page here also watches it: errors on its console and requests that
failed are kept, for a page must have none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    sync_playwright,
)

PATH = shutil.which("chromium") or ""
needed = pytest.mark.skipif(not PATH, reason="chromium is not installed")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Pictures of a graph are drawn by WebGL, here without a graphics card.
    "--enable-unsafe-swiftshader",
    "--use-gl=angle",
    "--use-angle=swiftshader",
)


@dataclass
class Watched:
    """What went wrong on a page, a line each."""

    problems: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Keep what goes wrong from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"error {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console {message.text}")

    def _failed(self, request: Request) -> None:
        self.problems.append(f"failed {request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            asked = response.request
            self.problems.append(f"{response.status} {asked.method} {asked.url}")


@contextmanager
def running() -> Iterator[Browser]:
    """A browser with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, **context: Any) -> Iterator[tuple[Page, Watched]]:
    """A page with cookies of its own, watched."""
    opened = browser.new_context(viewport={"width": 1400, "height": 900}, **context)
    try:
        page, watched = opened.new_page(), Watched()
        watched.watch(page)
        yield page, watched
    finally:
        opened.close()
