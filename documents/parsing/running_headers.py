"""Running heads and page numbers: what stands at the edge of page after page.

In the middle of a text that goes on over the page they are noise in a chunk's vector.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

Node = dict[str, Any]

MIN_PAGES = 3
_PAGE_NUMBER = re.compile(r"^\d+\s+|\s*\d+$")


def remove(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes without repeated lines at the edges of pages; the first is kept.

    Only paragraphs: a heading that repeats is a heading.
    """
    edges = _edges(nodes)
    seen = Counter(edges.values())
    kept = set[str]()
    for number, node in enumerate(nodes):
        line = edges.get(number)
        repeats = line is not None and seen[line] >= MIN_PAGES
        if not repeats or line not in kept | {""}:
            yield node
        if line is not None:
            kept.add(line)


def _edges(nodes: Sequence[Node]) -> dict[int, str]:
    """The first and last texts of each page, page numbers taken off, by position."""
    texts = [number for number, node in enumerate(nodes) if node["content"].get("text")]
    edges = {}
    for _, page in groupby(texts, key=lambda number: nodes[number].get("page")):
        positions = list(page)
        for number in (positions[0], positions[-1]):
            content = nodes[number]["content"]
            if content["node_type"] == "paragraph":
                edges[number] = _PAGE_NUMBER.sub("", content["text"].strip())
    return edges
