"""Parsing of AGE's values from their text form.

The text is JSON with suffixes such as `::vertex`. Python's JSON parser reads it, because
the parser of apache-age-python takes 2.2 ms for each path of two vertices and does not
decode escapes in strings. The classes of the values are that package's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from graph.age.errors import CypherUnavailable, InvalidCypher

if TYPE_CHECKING:
    from age import models

ROW_BITS = 48
"""Number of low bits of a graph id that hold the row's id (graph/migrations/schema.sql)."""

_ANNOTATED = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|(?P<end>[}\]]?)::(?P<kind>[a-z]+)',
    re.DOTALL,
)
# A private-use character, because no key or string of AGE starts with one.
_KIND = "\ue000kind"


def read(text: str | None) -> Any:
    """Return None, a number, a string, a list, a dict, or a `Vertex`, `Edge` or `Path`.

    Raises `CypherUnavailable` if apache-age-python is not installed, and `InvalidCypher`
    for values with hundreds of nested levels or thousands of digits.
    """
    if text is None:
        return None
    try:
        return _value(json.loads(_ANNOTATED.sub(_mark, text), strict=False))
    except RecursionError as error:
        raise InvalidCypher("The result is nested too deeply.") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise InvalidCypher(
            "The result contains a value that cannot be read."
        ) from error


def plain(value: Any) -> Any:
    """Return `value` for JSON: vertices and edges as dicts, paths as lists."""
    models = classes()
    if isinstance(value, models.Path):
        return [plain(part) for part in value]
    if isinstance(value, models.Edge):
        ends = {"start_id": value.start_id, "end_id": value.end_id}
        return {**_labelled(value), **ends, "properties": plain(value.properties)}
    if isinstance(value, models.Vertex):
        return {**_labelled(value), "properties": plain(value.properties)}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def row_id(graph_id: int) -> int:
    """Return the id of the row of a vertex or an edge."""
    return graph_id & ((1 << ROW_BITS) - 1)


def _labelled(value: models.Vertex | models.Edge) -> dict[str, Any]:
    return {"id": value.id, "label": value.label}


def _mark(match: re.Match[str]) -> str:
    if match["kind"] is None:
        return match[0]
    mark = {"}": f',"{_KIND}":"{match["kind"]}"}}', "]": f',"{_KIND}"]'}
    return mark.get(match["end"], "")


def _value(parsed: Any) -> Any:
    if isinstance(parsed, list):
        return _list(parsed)
    if not isinstance(parsed, dict):
        return parsed
    kind = parsed.pop(_KIND, None)
    fields = {key: _value(part) for key, part in parsed.items()}
    return _element(kind, fields) if kind else fields


def _list(parsed: list[Any]) -> Any:
    if parsed and parsed[-1] == _KIND:
        return classes().Path(_values(parsed[:-1]))
    return _values(parsed)


def _values(parsed: Iterable[Any]) -> list[Any]:
    return [_value(part) for part in parsed]


def _element(kind: str, fields: dict[str, Any]) -> models.Vertex | models.Edge:
    models = classes()
    if kind == "vertex":
        return models.Vertex(fields["id"], fields["label"], fields["properties"])
    edge = models.Edge(fields["id"], fields["label"], fields["properties"])
    edge.start_id, edge.end_id = fields["start_id"], fields["end_id"]
    return edge


@cache
def classes() -> Any:
    """Return the module with `Vertex`, `Edge` and `Path`. Raises `CypherUnavailable`."""
    try:
        with catch_warnings():
            simplefilter("ignore")  # its source has invalid escape sequences
            from age import models
    except ImportError as error:
        raise CypherUnavailable from error
    return models
