"""Pictures of pages, to be looked at: in a folder of the test session, or in SHOTS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.accessibility import THEMES

DESKTOP, PHONE = (1440, 900), (390, 844)


@dataclass(frozen=True, slots=True)
class Shots:
    """Where the pictures go."""

    folder: Path

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """Four pictures: light and dark, desktop and phone; `whole`: as long as it is."""
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width, height in (DESKTOP, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(
                    path=self.folder / f"{name}-{theme}-{width}.png", full_page=whole
                )
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.emulate_media(color_scheme="light")
