"""The body of a question to LightRAG's API and the chat page (docs/lightrag.md A.3)."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

from pydantic import BaseModel, Field, field_validator, model_validator

from compat_api.chat.retrieval_fields import RetrievalFields
from retrieval.llm.base import Message
from retrieval.search.filters import NO_FILTERS
from retrieval.search.params import MAX_QUESTION_CHARS, Mode, ModeName, QueryParams

MAX_TOTAL_CHARS = 131_072
MIN_WEIGHT = 3
TOO_SHORT = (
    "RAG query is too short. Enter at least 3 English characters or an equivalent "
    "combination where each Chinese, Japanese or Korean character counts as 2."
)


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
