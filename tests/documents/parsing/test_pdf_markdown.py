from __future__ import annotations

from typing import Any

from documents.parsing import pdf_markdown


def node(kind: str, text: str = "", page: int = 1, **content: Any) -> dict[str, Any]:
    return {"content": {"node_type": kind, "text": text, **content}, "page": page}


def test_each_kind_of_node_is_rendered_as_markdown() -> None:
    cells = [
        {"row": 0, "col": 0, "content": "Name"},
        {"row": 0, "col": 1, "content": "Age"},
        {"row": 1, "col": 0, "content": "A|B\nC"},
        {"row": 1, "col": 1, "content": "3"},
    ]
    [(page, text)] = pdf_markdown.render(
        [
            node("group", heading_text="Tea", heading_level=2),
            node("heading", "Tea", level=2),
            node("paragraph", "Green\ntea"),
            node("list", ordered=False),
            node("list_item", "one"),
            node("code", "x = 1", language="py"),
            node("formula", "a+b"),
            node("table", grid={"rows": 2, "cols": 2, "cells": cells}),
            node("page_break"),
        ]
    )
    assert page == 1
    assert text == (
        "## Tea\n\nGreen tea\n\n- one\n\n```py\nx = 1\n```\n\n$$\na+b\n$$\n\n"
        "| Name | Age |\n| --- | --- |\n| A\\|B C | 3 |"
    )


def test_chinese_lines_are_joined_without_a_space() -> None:
    [(_, text)] = pdf_markdown.render([node("paragraph", "我們每天\n喝綠茶。\nTea 茶")])
    assert text == "我們每天喝綠茶。 Tea 茶"


def test_a_paragraph_that_looks_like_a_heading_stays_a_paragraph() -> None:
    [(_, text)] = pdf_markdown.render([node("paragraph", "# a line of a script")])
    assert text == "\\# a line of a script"


def test_running_headers_are_removed_except_the_first() -> None:
    nodes = []
    for page in range(1, 6):
        nodes += [
            node("paragraph", f"Guide to Tea {page}", page),
            node("heading", "Tea", page, level=1),
            node("paragraph", f"Text of page {page}.", page),
            node("paragraph", str(page), page),
        ]
    pages = pdf_markdown.render(nodes)
    assert [number for number, _ in pages] == [1, 2, 3, 4, 5]
    assert pages[0][1] == "Guide to Tea 1\n\n# Tea\n\nText of page 1."
    assert pages[4][1] == "# Tea\n\nText of page 5."
