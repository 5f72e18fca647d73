"""Markdown of a PDF, rendered page by page from kreuzberg's document structure.

kreuzberg's own Markdown of a PDF does not mark the ends of pages; its nodes have a page
number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from documents.parsing import running_headers
from documents.parsing.page_text import Page

Node = dict[str, Any]

MARGIN_LAYERS = frozenset({"header", "footer"})
_LOOKS_LIKE_MARKUP = re.compile(r"#{1,6}(?:\s|$)|`{3}|~{3}|\|")
"""Matches a paragraph that Markdown would interpret as a heading, code or a table."""
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\uac00-\ud7af"
_CJK_LINE_END = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])")


def render(nodes: Sequence[Node]) -> list[Page]:
    """Return the pages in order; a node without a page has that of the previous node."""
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
        text = (
            "" if node.get("content_layer") in MARGIN_LAYERS else _text(node["content"])
        )
        if text:
            yield page, text


def _text(content: Node) -> str:
    renderer = _RENDERERS.get(content["node_type"], _paragraph)
    return renderer(content)


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


def _empty(content: Node) -> str:
    return ""


def _one_line(text: str) -> str:
    """Join the lines of a paragraph, without spaces between Chinese or Japanese."""
    lines = _CJK_LINE_END.sub("", text.strip()).split("\n")
    return " ".join(stripped for line in lines if (stripped := line.strip()))


_RENDERERS: dict[str, Callable[[Node], str]] = {
    "heading": _heading,
    "list_item": _list_item,
    "code": _code,
    "formula": _formula,
    "table": _table,
    # Containers: their children follow them in the list.
    "group": _empty,
    "list": _empty,
    "quote": _empty,
    "page_break": _empty,
}
