"""Responses of `/query` and `/query/data` (docs/lightrag.md A.3)."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from retrieval.context.support import Verdict


class FigureItem(Schema):
    """A figure beside a chunk of a reference; `url` is an address of this server."""

    url: str
    page: int | None = None
    caption: str = ""
    description: str = ""


class ReferenceItem(Schema):
    """A file that the answer is based on; `content` are its chunks, if requested."""

    reference_id: str
    file_path: str
    content: list[str] | None = None
    pages: list[int] | None = None
    figures: list[FigureItem] | None = None


class SupportItem(Schema):
    """A sentence at `start`:`end` of the answer, and whether its citations support it."""

    start: int
    end: int
    sentence: str
    reference_ids: list[str]
    verdict: Verdict


class QueryResponse(Schema):
    """An answer; `response_time` is in seconds.

    `support` is present if the request has `include_support`.
    """

    response: str
    references: list[ReferenceItem] | None = None
    response_time: float | None = None
    llm_generated: bool = True
    support: list[SupportItem] | None = None


class QueryDataResponse(Schema):
    """The context of an answer."""

    status: str
    message: str
    data: dict[str, Any]
    metadata: dict[str, Any]
