"""Request and response of `/graph/cypher`."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from graph.age import run_cypher


class CypherRequest(Schema):
    """A read-only Cypher query; `parameters` are the values of its `$name`s."""

    query: Annotated[str, Field(min_length=1, max_length=16_384)]
    parameters: dict[str, Any] = {}
    limit: int = Field(run_cypher.DEFAULT_ROWS, ge=1, le=10_000)


class CypherAnswer(Schema):
    """Rows of values; a vertex or edge is an object, a path is a list of them.

    `is_truncated` is true if there are more rows than `limit`.
    """

    columns: list[str]
    rows: list[list[Any]]
    is_truncated: bool
