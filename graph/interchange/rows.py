"""Nodes and edges of a file, and the validation of their values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.errors import GraphError
from graph.extraction import entity_names
from graph.models import UNKNOWN_TYPE

MAX_TYPE_CHARS = 128
MAX_ALIASES = 1_000
MAX_TEXT_CHARS = 100_000
"""Upper bound on a description or name in a file, as in the editor of the graph page."""
TOO_LONG = f"longer than {MAX_TEXT_CHARS} characters"
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class InvalidGraphFile(GraphError):
    """The file can't be imported; the message names the line and the field."""

    def __init__(self, position: str, field: str, problem: str) -> None:
        where = f"{position}, field '{field}'" if field else position
        super().__init__(f"{where}: {problem}")


@dataclass(frozen=True, slots=True)
class Node:
    """An entity; `line` is its position in the file."""

    line: str
    name: str
    entity_type: str = UNKNOWN_TYPE
    description: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """An undirected relation between two names."""

    line: str
    source: str
    target: str
    description: str = ""
    keywords: str = ""
    weight: float = 1.0


def node(line: str, values: Mapping[str, Any]) -> Node:
    """Return the node of the values in a file. Raises InvalidGraphFile."""
    kind = text(line, values, "entity_type").strip() or UNKNOWN_TYPE
    if len(kind) > MAX_TYPE_CHARS:
        problem = f"longer than {MAX_TYPE_CHARS} characters"
        raise InvalidGraphFile(line, "entity_type", problem)
    aliases = values.get("aliases") or ()
    if isinstance(aliases, str) or not isinstance(aliases, Sequence):
        raise InvalidGraphFile(line, "aliases", "not a list of names")
    if len(aliases) > MAX_ALIASES:
        raise InvalidGraphFile(line, "aliases", f"more than {MAX_ALIASES} names")
    return Node(
        line,
        name(line, values, "name"),
        kind,
        text(line, values, "description"),
        tuple(name(line, {"aliases": alias}, "aliases") for alias in aliases),
    )


def edge(line: str, values: Mapping[str, Any]) -> Edge:
    """Return the edge of the values in a file. Raises InvalidGraphFile."""
    source, target = name(line, values, "source"), name(line, values, "target")
    if source == target:
        raise InvalidGraphFile(line, "target", "a relation needs two entities")
    return Edge(
        line,
        source,
        target,
        text(line, values, "description"),
        text(line, values, "keywords"),
        weight(line, values.get("weight")),
    )


def name(line: str, values: Mapping[str, Any], field: str) -> str:
    """Return the normalized name. Raises InvalidGraphFile."""
    raw = text(line, values, field)
    clean = entity_names.entity_name(raw)
    if not clean:
        raise InvalidGraphFile(line, field, f"{raw[:80]!r} is not a name")
    return clean


def text(line: str, values: Mapping[str, Any], field: str) -> str:
    """Return the field without characters that PostgreSQL can't store; '' if missing."""
    value = values.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidGraphFile(line, field, "not a text")
    if value and len(value) > MAX_TEXT_CHARS:
        raise InvalidGraphFile(line, field, TOO_LONG)
    return _UNSTORABLE.sub("", value or "")


def weight(line: str, value: Any) -> float:
    """Return the weight, by default 1. Raises InvalidGraphFile."""
    try:
        number = 1.0 if value in (None, "") else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0 or isinstance(value, bool):
        raise InvalidGraphFile(
            line, "weight", f"{str(value)[:80]!r} is not a non-negative number"
        )
    return number
