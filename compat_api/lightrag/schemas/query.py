"""Responses of `/query` and `/query/data` (docs/lightrag.md A.3)."""

from __future__ import annotations

from typing import Any

from ninja import Schema


class ReferenceItem(Schema):
    """A file that the answer is based on; `content` are its chunks, if requested."""

    reference_id: str
    file_path: str
    content: list[str] | None = None


class QueryResponse(Schema):
    """An answer; `response_time` is in seconds."""

    response: str
    references: list[ReferenceItem] | None = None
    response_time: float | None = None
    llm_generated: bool = True


class QueryDataResponse(Schema):
    """The context of an answer."""

    status: str
    message: str
    data: dict[str, Any]
    metadata: dict[str, Any]
