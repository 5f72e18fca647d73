"""Two CSV tables in a ZIP archive, `nodes.csv` and `edges.csv`, with Gephi's headings.

A value that a spreadsheet would run as a formula is written with an apostrophe before
it, as spreadsheets themselves do, and read without it.
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
MOST_UNPACKED = 512 * MIB
MOST_TIMES = 100
"""So many times its size an archive may unpack to, beyond the first 16 MiB."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")

csv.field_size_limit(16 * MIB)


def write(file: BinaryIO, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """An archive that is the same for the same graph."""
    node_rows = (
        (n.name, n.name, n.entity_type, n.description, _packed(n.aliases))
        for n in nodes
    )
    edge_rows = (
        (e.source, e.target, "Undirected", repr(e.weight), e.description, e.keywords)
        for e in edges
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_table(archive, NODES, NODE_HEADINGS, node_rows)
        _write_table(archive, EDGES, EDGE_HEADINGS, edge_rows)


def _packed(aliases: tuple[str, ...]) -> str:
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
        table.writerows([_harmless(value) for value in row] for row in rows)


def _harmless(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def _as_written(value: str) -> str:
    return value[1:] if value[:1] == "'" and _FORMULA.match(value) else value


def read(file: BinaryIO) -> Iterator[Node | Edge]:
    """Raises InvalidGraphFile."""
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
    """An archive is unpacked to the sizes it declares and no further, so these count."""
    members = {member.filename: member for member in archive.infolist()}
    for name in (NODES, EDGES):
        if name not in members:
            raise InvalidGraphFile("The archive", "", f"{name} is missing")
    wanted = [members[name] for name in (NODES, EDGES)]
    unpacked = sum(member.file_size for member in wanted)
    packed = sum(member.compress_size for member in wanted)
    if unpacked > min(MOST_UNPACKED, max(16 * MIB, packed * MOST_TIMES)):
        raise InvalidGraphFile("The archive", "", "unpacks to more than is allowed")


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
                place = f"{name}, line {table.line_num}"
                if None in row or None in row.values():
                    raise InvalidGraphFile(place, "", "not as many fields as headings")
                yield place, {key: _as_written(value) for key, value in row.items()}
        except (csv.Error, UnicodeDecodeError) as error:
            place = f"{name}, line {table.line_num + 1}"
            raise InvalidGraphFile(place, "", str(error)) from error


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
