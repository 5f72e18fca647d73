"""The structure kreuzberg found in a PDF, written as Markdown page by page.

kreuzberg's own Markdown of a PDF cannot say where a page ends; its nodes can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from documents.parsing import running_headers
from documents.parsing.page_text import Page

Node = dict[str, Any]

FURNITURE = frozenset({"header", "footer"})
_LINE_END = re.compile(r"\s*\n\s*")
_LOOKS_LIKE_MARKUP = re.compile(r"#{1,6}(?:\s|$)|`{3}|~{3}|\|")
"""A paragraph that begins so (a line of a script, say) is no heading, code or table."""
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\uac00-\ud7af"
_CJK_LINE_END = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])")


def render(nodes: Sequence[Node]) -> list[Page]:
    """Pages in reading order; a node without a page belongs to the one before it."""
    numbered = groupby(
        _numbered(running_headers.remove(nodes)), key=lambda pair: pair[0]
    )
    return [
        (number, "\n\n".join(text for _, text in part)) for number, part in numbered
    ]


def _numbered(nodes: Iterable[Node]) -> Iterator[tuple[int, str]]:
    page = 1
    for node in nodes:
        page = max(page, node.get("page") or page)
        text = "" if node.get("content_layer") in FURNITURE else _text(node["content"])
        if text:
            yield page, text


def _text(content: Node) -> str:
    write = _WRITERS.get(content["node_type"], _paragraph)
    return write(content)


def _heading(content: Node) -> str:
    return f"{'#' * min(6, content['level'])} {_one_line(content['text'])}"


def _paragraph(content: Node) -> str:
    text = _one_line(content.get("text") or "")
    return f"\\{text}" if _LOOKS_LIKE_MARKUP.match(text) else text


def _list_item(content: Node) -> str:
    return f"- {_one_line(content.get('text') or '')}"


def _code(content: Node) -> str:
    return f"```{content.get('language') or ''}\n{content['text']}\n```"


def _formula(content: Node) -> str:
    return f"$$\n{content['text']}\n$$"


def _table(content: Node) -> str:
    grid = content["grid"]
    rows = [[""] * grid["cols"] for _ in range(grid["rows"])]
    for cell in grid["cells"]:
        rows[cell["row"]][cell["col"]] = _one_line(cell["content"]).replace("|", "\\|")
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines[:1], "|" + " --- |" * grid["cols"], *lines[1:]])


def _nothing(content: Node) -> str:
    return ""


def _one_line(text: str) -> str:
    """Lines of a paragraph joined; Chinese and Japanese without a blank between."""
    return _LINE_END.sub(" ", _CJK_LINE_END.sub("", text.strip()))


_WRITERS: dict[str, Callable[[Node], str]] = {
    "heading": _heading,
    "list_item": _list_item,
    "code": _code,
    "formula": _formula,
    "table": _table,
    # Containers: their children follow them in the list.
    "group": _nothing,
    "list": _nothing,
    "quote": _nothing,
    "page_break": _nothing,
}
