"""Screenshots of pages for visual checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.accessibility import THEMES

DESKTOP, PHONE = (1440, 900), (390, 844)


@dataclass(frozen=True, slots=True)
class Screenshots:
    """The folder of the screenshots."""

    folder: Path

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Take four: light and dark, desktop and phone; with `whole`, of the entire page."""
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width, height in (DESKTOP, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(
                    path=self.folder / f"{name}-{theme}-{width}.png", full_page=whole
                )
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.emulate_media(color_scheme="light")
