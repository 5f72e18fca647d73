"""Accessibility checks of pages with axe-core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

AXE = (
    Path(__file__).resolve().parents[2]
    / "compat_api/webui/js/node_modules/axe-core/axe.min.js"
)
SERIOUS = {"serious", "critical"}
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


@cache
def script() -> str:
    return AXE.read_text("utf-8")


def findings(page: Page) -> list[str]:
    """Return serious violations in the light and the dark theme, one line each."""
    violations = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(
            "t => document.documentElement.dataset.theme === t", arg=theme
        )
        violations += [f"{theme}: {line}" for line in now(page)]
    return violations


def now(page: Page) -> list[str]:
    """Return serious violations in the current state of the page."""
    page.evaluate(f"{script()}; undefined")
    report = page.evaluate("axe.run()")
    return [
        line
        for violation in report["violations"]
        if violation["impact"] in SERIOUS
        for line in lines(violation)
    ]


def lines(violation: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for node in violation["nodes"]
    ]
