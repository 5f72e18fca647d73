"""Removal of running headers and page numbers: lines repeated at the edges of pages.

Such a line between two halves of a sentence would change the vector of the chunk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

Node = dict[str, Any]

MIN_PAGES = 3
"""Lower bound on the occurrences of a running header."""
_PAGE_NUMBER = re.compile(r"^\d++\s++|(?<!\s)\s++\d++$|(?<!\d)\d++$")


def remove(nodes: Sequence[Node]) -> Iterator[Node]:
    """Return the nodes without running headers; keep the first of each.

    Only paragraphs are removed, because a repeated heading is not a running header.
    """
    edges = _edges(nodes)
    occurrences = Counter(edges.values())
    kept = set[str]()
    for position, node in enumerate(nodes):
        line = edges.get(position)
        repeats = line is not None and occurrences[line] >= MIN_PAGES
        if not repeats or line not in kept | {""}:
            yield node
        if line is not None:
            kept.add(line)


def _edges(nodes: Sequence[Node]) -> dict[int, str]:
    """Return the first and last text of each page by position, without page numbers."""
    texts = [index for index, node in enumerate(nodes) if node["content"].get("text")]
    edges = {}
    for _, page in groupby(texts, key=lambda index: nodes[index].get("page")):
        positions = list(page)
        for position in (positions[0], positions[-1]):
            content = nodes[position]["content"]
            if content["node_type"] == "paragraph":
                edges[position] = _PAGE_NUMBER.sub("", content["text"].strip())
    return edges
