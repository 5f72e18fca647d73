"""JSON lines format: `{"node": name, …}` or `{"source": …, "target": …, …}` per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from graph.interchange import rows
from graph.interchange.rows import Edge, InvalidGraphFile, Node

MAX_LINE_BYTES = 4 * 1024 * 1024


def write(file: BinaryIO, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write nodes, then edges, each with all fields."""
    for node in nodes:
        _put(
            file,
            {
                "node": node.name,
                "entity_type": node.entity_type,
                "description": node.description,
                "aliases": node.aliases,
            },
        )
    for edge in edges:
        _put(
            file,
            {
                "source": edge.source,
                "target": edge.target,
                "description": edge.description,
                "keywords": edge.keywords,
                "weight": edge.weight,
            },
        )


def _put(file: BinaryIO, value: dict[str, Any]) -> None:
    file.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")


def read(file: BinaryIO) -> Iterator[Node | Edge]:
    """Yield nodes and edges; blank lines are ignored. Raises InvalidGraphFile."""
    lines = iter(lambda: file.readline(MAX_LINE_BYTES + 1), b"")
    for number, raw in enumerate(lines, start=1):
        if len(raw) > MAX_LINE_BYTES:
            problem = f"longer than {MAX_LINE_BYTES} bytes"
            raise InvalidGraphFile(f"Line {number}", "", problem)
        if raw.strip():
            yield _line(f"Line {number}", raw)


def _line(position: str, raw: bytes) -> Node | Edge:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidGraphFile(position, "", f"invalid JSON: {error}") from error
    if isinstance(value, dict) and "node" in value:
        return rows.node(position, value | {"name": value["node"]})
    if isinstance(value, dict) and "source" in value:
        return rows.edge(position, value)
    raise InvalidGraphFile(position, "", "neither a node nor an edge")
