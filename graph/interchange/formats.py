"""The file formats by suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from graph.interchange import csv_tables, graphml, json_lines
from graph.interchange.rows import Edge, Node


@dataclass(frozen=True, slots=True)
class Format:
    """Content type, writer and reader of a format."""

    content_type: str
    write: Callable[[BinaryIO, Iterable[Node], Iterable[Edge]], None]
    read: Callable[[BinaryIO], Iterator[Node | Edge]]


FORMATS = {
    "graphml": Format("application/graphml+xml", graphml.write, graphml.read),
    "jsonl": Format("application/x-ndjson", json_lines.write, json_lines.read),
    "zip": Format("application/zip", csv_tables.write, csv_tables.read),
}
