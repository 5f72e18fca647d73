"""CSV format: `nodes.csv` and `edges.csv` in a ZIP archive, with Gephi's headings.

A value that a spreadsheet would execute as a formula is written with a leading apostrophe,
as spreadsheets do, and read without it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from graph.interchange import rows as interchange_rows
from graph.interchange.rows import Edge, InvalidGraphFile, Node

NODES, EDGES = "nodes.csv", "edges.csv"
NODE_HEADINGS = ("Id", "Label", "entity_type", "description", "aliases")
EDGE_HEADINGS = ("Source", "Target", "Type", "Weight", "description", "keywords")
MIB = 1024 * 1024
MAX_UNPACKED = 512 * MIB
MAX_RATIO = 100
"""Upper bound on the compression ratio of archives of more than 16 MiB unpacked."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")

csv.field_size_limit(16 * MIB)


def write(file: BinaryIO, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write the archive; equal graphs result in equal bytes."""
    node_rows = (
        (n.name, n.name, n.entity_type, n.description, _encode_aliases(n.aliases))
        for n in nodes
    )
    edge_rows = (
        (e.source, e.target, "Undirected", repr(e.weight), e.description, e.keywords)
        for e in edges
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_table(archive, NODES, NODE_HEADINGS, node_rows)
        _write_table(archive, EDGES, EDGE_HEADINGS, edge_rows)


def _encode_aliases(aliases: tuple[str, ...]) -> str:
    return json.dumps(aliases, ensure_ascii=False) if aliases else ""


def _write_table(
    archive: zipfile.ZipFile,
    name: str,
    headings: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
) -> None:
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    with (
        archive.open(member, "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        table = csv.writer(text)
        table.writerow(headings)
        table.writerows([_escape_formula(value) for value in row] for row in rows)


def _escape_formula(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def _unescape_formula(value: str) -> str:
    return value[1:] if value[:1] == "'" and _FORMULA.match(value) else value


def read(file: BinaryIO) -> Iterator[Node | Edge]:
    """Yield nodes, then edges. Raises InvalidGraphFile."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive)
            for line, row in _rows(archive, NODES):
                yield interchange_rows.node(line, _node_values(line, row))
            for line, row in _rows(archive, EDGES):
                yield interchange_rows.edge(line, _edge_values(row))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise InvalidGraphFile("The archive", "", f"damaged: {error}") from error


def _check(archive: zipfile.ZipFile) -> None:
    """Check the sizes that the archive declares.

    `zipfile` raises an error if a file unpacks to more.
    """
    members = {member.filename: member for member in archive.infolist()}
    for name in (NODES, EDGES):
        if name not in members:
            raise InvalidGraphFile("The archive", "", f"{name} is missing")
    tables = [members[name] for name in (NODES, EDGES)]
    unpacked = sum(member.file_size for member in tables)
    packed = sum(member.compress_size for member in tables)
    if unpacked > min(MAX_UNPACKED, max(16 * MIB, packed * MAX_RATIO)):
        raise InvalidGraphFile("The archive", "", "the unpacked size exceeds the limit")


def _rows(
    archive: zipfile.ZipFile, name: str
) -> Iterator[tuple[str, Mapping[str, str]]]:
    with (
        archive.open(name) as raw,
        io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
    ):
        table = csv.DictReader(text, strict=True)
        try:
            for row in table:
                position = f"{name}, line {table.line_num}"
                if None in row or None in row.values():
                    raise InvalidGraphFile(
                        position,
                        "",
                        "the line has more or fewer fields than the table has headings",
                    )
                yield (
                    position,
                    {key: _unescape_formula(value) for key, value in row.items()},
                )
        except (csv.Error, UnicodeDecodeError) as error:
            position = f"{name}, line {table.line_num + 1}"
            raise InvalidGraphFile(position, "", str(error)) from error


def _node_values(line: str, row: Mapping[str, str]) -> dict[str, Any]:
    try:
        aliases = json.loads(row.get("aliases") or "[]")
    except (ValueError, RecursionError) as error:
        raise InvalidGraphFile(line, "aliases", "not a list of names") from error
    return {**row, "name": row.get("Id"), "aliases": aliases}


def _edge_values(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        **row,
        "source": row.get("Source"),
        "target": row.get("Target"),
        "weight": row.get("Weight"),
    }
