"""What a file says, checked value by value. Plain values; no database."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.errors import GraphError
from graph.extraction import entity_names
from graph.models import UNKNOWN_TYPE

TYPE_CHARS = 128
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class InvalidGraphFile(GraphError):
    """The file cannot be imported; the message names the line and the field."""

    def __init__(self, place: str, field: str, problem: str) -> None:
        where = f"{place}, field '{field}'" if field else place
        super().__init__(f"{where}: {problem}")


@dataclass(frozen=True, slots=True)
class Node:
    """An entity. `line` is where the file has it."""

    line: str
    name: str
    entity_type: str = UNKNOWN_TYPE
    description: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two names, in no direction."""

    line: str
    source: str
    target: str
    description: str = ""
    keywords: str = ""
    weight: float = 1.0


def node(line: str, values: Mapping[str, Any]) -> Node:
    """Of the values a file has for it. Raises InvalidGraphFile."""
    kind = text(line, values, "entity_type").strip() or UNKNOWN_TYPE
    if len(kind) > TYPE_CHARS:
        problem = f"longer than {TYPE_CHARS} characters"
        raise InvalidGraphFile(line, "entity_type", problem)
    aliases = values.get("aliases") or ()
    if isinstance(aliases, str) or not isinstance(aliases, Sequence):
        raise InvalidGraphFile(line, "aliases", "not a list of names")
    return Node(
        line,
        name(line, values, "name"),
        kind,
        text(line, values, "description"),
        tuple(name(line, {"aliases": alias}, "aliases") for alias in aliases),
    )


def edge(line: str, values: Mapping[str, Any]) -> Edge:
    """Of the values a file has for it. Raises InvalidGraphFile."""
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
    """The name as it is stored. Raises InvalidGraphFile for what is none."""
    raw = text(line, values, field)
    clean = entity_names.entity_name(raw)
    if not clean:
        raise InvalidGraphFile(line, field, f"{raw[:80]!r} is no name")
    return clean


def text(line: str, values: Mapping[str, Any], field: str) -> str:
    """A string, "" where there is none, without what PostgreSQL cannot hold."""
    value = values.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidGraphFile(line, field, "not a text")
    return _UNSTORABLE.sub("", value or "")


def weight(line: str, value: Any) -> float:
    """1 where there is none. Raises InvalidGraphFile."""
    try:
        number = 1.0 if value in (None, "") else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0 or isinstance(value, bool):
        raise InvalidGraphFile(line, "weight", f"{str(value)[:80]!r} is no weight")
    return number
