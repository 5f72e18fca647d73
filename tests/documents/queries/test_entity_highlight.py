"""Marks of entity names in a text."""

from __future__ import annotations

import pytest

from documents.queries import entity_highlight


@pytest.mark.parametrize(
    ("text", "names", "marked"),
    [
        ("Adage and ADA", {"Ada": "/1/"}, ["ADA"]),
        ("New York City", {"York": "/1/", "New York": "/2/"}, ["New York"]),
        ("王小明是學生", {"小明": "/1/"}, ["小明"]),
        ("<b>C++</b> (x)", {"C++": "/1/"}, ["C++"]),
        ("nothing", {}, []),
    ],
)
def test_whole_names_are_marked_and_the_text_is_escaped(
    text: str, names: dict[str, str], marked: list[str]
) -> None:
    html = entity_highlight.highlight(text, names)
    assert [part.split("</mark>")[0] for part in html.split("<mark>")[1:]] == marked
    assert "<b>" not in html
