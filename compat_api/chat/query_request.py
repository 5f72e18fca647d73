"""Body of a question as LightRAG's API and the chat page send it (docs/lightrag.md A.3)."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

from pydantic import BaseModel, Field, field_validator, model_validator

from compat_api.chat.retrieval_fields import MAX_TEXT, RetrievalFields
from retrieval.llm.base import Message
from retrieval.search.filters import NO_FILTERS
from retrieval.search.params import Mode, ModeName, QueryParams

MAX_TOGETHER = 131_072
MIN_WEIGHT = 3
TOO_SHORT = (
    "RAG query is too short. Enter at least 3 English characters or an equivalent "
    "combination where each Chinese, Japanese or Korean character counts as 2."
)


def weight(text: str) -> int:
    """How much a question says: wide letters (Chinese, kana, hangul) count twice."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text
    )


class HistoryMessage(BaseModel):
    """One message of the conversation so far; other keys are left aside."""

    role: str = Field(max_length=64)
    content: str = Field(max_length=32_768)

    @field_validator("role")
    @classmethod
    def role_is_named(cls, role: str) -> str:
        """A role in blanks is none."""
        if not role.strip():
            raise ValueError("role must not be blank")
        return role.strip()


class QueryRequest(RetrievalFields):
    """A question; null means the server's own setting. Unknown fields are left aside."""

    query: str = Field(max_length=MAX_TEXT)
    mode: ModeName = "mix"
    conversation_history: list[HistoryMessage] | None = Field(None, max_length=128)
    ids: list[str] | None = None
    include_references: bool | None = True
    include_chunk_content: bool | None = False
    include_progress: bool | None = False
    stream: bool | None = None

    @field_validator("query")
    @classmethod
    def query_says_something(cls, query: str) -> str:
        """It goes without the white space around it."""
        if not query.strip():
            raise ValueError("Query must not be empty.")
        return query.strip()

    @model_validator(mode="after")
    def question_is_a_question(self) -> QueryRequest:
        """Some letters at least, and not more in all than a prompt can hold."""
        if self.mode != "bypass" and weight(self.query) < MIN_WEIGHT:
            raise ValueError(TOO_SHORT)
        history = [message.model_dump() for message in self.conversation_history or []]
        said = json.dumps(history, ensure_ascii=False) if history else ""
        if len(self.query) + len(self.user_prompt or "") + len(said) > MAX_TOGETHER:
            raise ValueError(
                f"query, user_prompt and conversation_history together exceed "
                f"{MAX_TOGETHER} characters"
            )
        return self

    def as_params(self) -> QueryParams:
        """The same for retrieval."""
        history = self.conversation_history or []
        asked = self.asked() | {"mode": Mode(self.mode)}
        if self.ids:  # 1.4.4's way to name the documents
            given = asked.get("filters", NO_FILTERS)
            asked["filters"] = replace(given, document_ids=tuple(self.ids))
        return QueryParams(
            query=self.query,
            conversation_history=tuple(
                Message(message.role, message.content) for message in history
            ),
            **asked,
        )
