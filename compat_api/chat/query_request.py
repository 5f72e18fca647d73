"""LightRAG's query parameters, which every dialect accepts, and the body of `/query`.

The chat page sends the same body. Rules: docs/lightrag.md A.3.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from retrieval.llm.base import Message
from retrieval.search.filters import NO_FILTERS, Filters
from retrieval.search.params import MAX_QUESTION_CHARS, Mode, ModeName, QueryParams

MAX_TOTAL_CHARS = 131_072
MIN_WEIGHT = 3
TOO_SHORT = (
    "RAG query is too short. Enter at least 3 English characters or an equivalent "
    "combination where each Chinese, Japanese or Korean character counts as 2."
)


def in_utc(time: datetime) -> datetime:
    """Return the time in UTC. A time without a time zone is assumed to be in UTC.

    PostgreSQL refuses offsets of 16 hours and more. Raises ValueError if the time in UTC
    is after the year 9999 or before the year 1.
    """
    try:
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


Timestamp = Annotated[datetime, AfterValidator(in_utc)]
Word = Annotated[str, Field(min_length=1, max_length=512)]
Keyword = Annotated[str, Field(max_length=512)]
Count = Annotated[int, Field(ge=1, le=1000)]
Tokens = Annotated[int, Field(ge=1, le=1_000_000)]


class FilterFields(BaseModel):
    """Conditions on the documents of an answer; all given conditions must hold.

    `file_name` is a pattern with `*` and `?`. A document matches `document_ids` or
    `tags` if it has any of them.
    """

    model_config = ConfigDict(extra="forbid")

    document_ids: list[Word] = Field([], max_length=10_000)
    tags: list[Word] = Field([], max_length=64)
    file_name: str = Field("", max_length=512)
    created_after: Timestamp | None = None
    created_before: Timestamp | None = None

    def as_filters(self) -> Filters:
        """Return the conditions for retrieval."""
        return Filters(
            document_ids=tuple(self.document_ids),
            tags=tuple(self.tags),
            file_name=self.file_name.strip(),
            created_after=self.created_after,
            created_before=self.created_before,
        )


class RetrievalFields(Schema):
    """Query parameters; null means the server's setting. Unknown fields are ignored."""

    model_config = ConfigDict(str_strip_whitespace=False)

    mode: ModeName | None = None
    only_need_context: bool | None = None
    only_need_prompt: bool | None = None
    response_type: str | None = Field(None, min_length=1, max_length=256)
    top_k: Count | None = None
    chunk_top_k: Count | None = None
    max_entity_tokens: Tokens | None = None
    max_relation_tokens: Tokens | None = None
    max_total_tokens: Tokens | None = None
    hl_keywords: list[Keyword] = Field([], max_length=64)
    ll_keywords: list[Keyword] = Field([], max_length=64)
    history_turns: int | None = Field(None, ge=0)
    user_prompt: str | None = Field(None, max_length=MAX_QUESTION_CHARS)
    disable_user_prompt_prefix: bool | None = None
    enable_rerank: bool | None = None
    filters: FilterFields | None = None

    def given_fields(self) -> dict[str, Any]:
        """Return the parameters that the caller set, for QueryParams."""
        names = RetrievalFields.model_fields.keys() & self.model_fields_set
        values = {name: getattr(self, name) for name in names}
        fields = {name: value for name, value in values.items() if value is not None}
        for name in ("hl_keywords", "ll_keywords"):
            if name in fields:
                fields[name] = tuple(fields[name])
        if "mode" in fields:
            fields["mode"] = Mode(fields["mode"])
        if self.filters:
            fields["filters"] = self.filters.as_filters()
        return fields


def weight(text: str) -> int:
    """Return the length of a question; East Asian wide characters count twice."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text
    )


class HistoryMessage(BaseModel):
    """One message of the conversation so far; other keys are ignored."""

    role: str = Field(max_length=64)
    content: str = Field(max_length=32_768)

    @field_validator("role")
    @classmethod
    def role_is_named(cls, role: str) -> str:
        """Return the role without outer whitespace; raise ValueError if it is blank."""
        if not role.strip():
            raise ValueError("role must not be blank")
        return role.strip()


class QueryRequest(RetrievalFields):
    """A question; null means the server's setting. Unknown fields are ignored."""

    query: str = Field(max_length=MAX_QUESTION_CHARS)
    mode: ModeName = "mix"
    conversation_history: list[HistoryMessage] | None = Field(None, max_length=128)
    ids: list[str] | None = None
    include_references: bool | None = True
    include_chunk_content: bool | None = False
    include_progress: bool | None = False
    include_support: bool | None = False
    stream: bool | None = None

    @field_validator("query")
    @classmethod
    def query_is_not_blank(cls, query: str) -> str:
        """Return the question stripped; raise ValueError if it is blank."""
        if not query.strip():
            raise ValueError("Query must not be empty.")
        return query.strip()

    @model_validator(mode="after")
    def length_is_allowed(self) -> QueryRequest:
        """Raise ValueError for too short a question or too long a request."""
        if self.mode != "bypass" and weight(self.query[:MIN_WEIGHT]) < MIN_WEIGHT:
            raise ValueError(TOO_SHORT)
        history = [message.model_dump() for message in self.conversation_history or []]
        history_text = json.dumps(history, ensure_ascii=False) if history else ""
        if (
            len(self.query) + len(self.user_prompt or "") + len(history_text)
            > MAX_TOTAL_CHARS
        ):
            raise ValueError(
                f"query, user_prompt and conversation_history together exceed "
                f"{MAX_TOTAL_CHARS} characters"
            )
        return self

    def as_params(self) -> QueryParams:
        """Return the request for retrieval."""
        history = self.conversation_history or []
        fields = self.given_fields() | {"mode": Mode(self.mode)}
        if self.ids:  # LightRAG 1.4.4's field for document ids
            filters = fields.get("filters", NO_FILTERS)
            fields["filters"] = replace(filters, document_ids=tuple(self.ids))
        return QueryParams(
            query=self.query,
            conversation_history=tuple(
                Message(message.role, message.content) for message in history
            ),
            **fields,
        )
