"""The generated page of settings."""

from __future__ import annotations

from pathlib import Path

from lightrag_site.configuration import configuration_page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "configuration.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == configuration_page.page(), (
        "run manage.py write_configuration"
    )


def test_the_page_shows_no_default_for_secrets() -> None:
    row = next(
        line
        for line in configuration_page.page().splitlines()
        if line.startswith("| `LIGHTRAG_API_KEY`")
    )
    assert row.split("|")[2].strip() == ""
