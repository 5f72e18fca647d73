"""Parameters of a question and limits on what is read for it (docs/lightrag.md B.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import dropwhile
from typing import Any, Literal, Protocol

from retrieval.llm import reasoning
from retrieval.llm.base import JsonSchema, Message, Tool
from retrieval.search.filters import NO_FILTERS, Filters

MAX_QUESTION_CHARS = 65_536
"""Upper bound on the characters of a question in every API, as in LightRAG."""
RESPONSE_TYPE = "Multiple Paragraphs"


class QuestionTooLong(ValueError):
    """The question exceeds MAX_QUESTION_CHARS."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"The question has {length} characters; the limit is {MAX_QUESTION_CHARS}."
        )


class Mode(StrEnum):
    """What a question searches: `retrieval.search.modes` has a function for each."""

    NAIVE = "naive"
    LOCAL = "local"
    GLOBAL = "global"
    HYBRID = "hybrid"
    MIX = "mix"
    BYPASS = "bypass"


ModeName = Literal["local", "global", "hybrid", "naive", "mix", "bypass"]
"""The values of Mode, as a type for API schemas."""


@dataclass(frozen=True, slots=True)
class QueryParams:
    """Parameters of one question. None means the value of `settings.LIGHTRAG`.

    Raises QuestionTooLong.

    `history_turns` (LightRAG 1.4.4) limits the conversation to the last turns; None keeps
    all. `options` are passed to the answering model unchanged; `json_schema` is the shape
    of its answer; `tools` are offered to it. `tool_messages` are the calls it has made
    since the question, and their results.
    """

    query: str
    mode: Mode = Mode.MIX
    only_need_context: bool = False
    only_need_prompt: bool = False
    response_type: str = RESPONSE_TYPE
    top_k: int | None = None
    chunk_top_k: int | None = None
    max_entity_tokens: int | None = None
    max_relation_tokens: int | None = None
    max_total_tokens: int | None = None
    hl_keywords: tuple[str, ...] = ()
    ll_keywords: tuple[str, ...] = ()
    conversation_history: tuple[Message, ...] = ()
    history_turns: int | None = None
    user_prompt: str = ""
    disable_user_prompt_prefix: bool = False
    enable_rerank: bool | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    json_schema: JsonSchema | None = None
    filters: Filters = NO_FILTERS
    tools: tuple[Tool, ...] = ()
    tool_messages: tuple[Message, ...] = ()

    def __post_init__(self) -> None:
        if len(self.query) > MAX_QUESTION_CHARS:
            raise QuestionTooLong(len(self.query))

    @property
    def history(self) -> tuple[Message, ...]:
        """The messages sent to the model; a turn is a question and its answer.

        Answers are sent without the reasoning that a client may have kept in them.
        """
        messages = tuple(map(_without_reasoning, self.conversation_history))
        if self.history_turns is None:
            return messages
        count = 2 * self.history_turns
        last = messages[-count:] if count > 0 else ()
        # A tool's result is invalid without the call, which may have been cut off.
        return tuple(dropwhile(lambda message: message.role == "tool", last))

    @property
    def searches_graph(self) -> bool:
        """Whether the mode searches entities and relations."""
        return self.mode not in (Mode.NAIVE, Mode.BYPASS)

    def instructions(self, prefix: str) -> str:
        """Return the caller's additions to the prompt: `prefix` and `user_prompt`."""
        return ("" if self.disable_user_prompt_prefix else prefix) + self.user_prompt


def _without_reasoning(message: Message) -> Message:
    if message.role != "assistant":
        return message
    return replace(message, content=reasoning.without(message.content))


class QueryDefaults(Protocol):
    """The part of `settings.LIGHTRAG.query` that limits are taken from."""

    @property
    def top_k(self) -> int: ...
    @property
    def chunk_top_k(self) -> int: ...
    @property
    def max_entity_tokens(self) -> int: ...
    @property
    def max_relation_tokens(self) -> int: ...
    @property
    def max_total_tokens(self) -> int: ...
    @property
    def cosine_threshold(self) -> float: ...
    @property
    def related_chunks(self) -> int: ...
    @property
    def chunk_pick_method(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on the rows and tokens that one question reads."""

    top_k: int
    chunk_top_k: int
    entity_tokens: int
    relation_tokens: int
    total_tokens: int
    cosine_threshold: float
    related_chunks: int
    pick_by_weight: bool


def limits(params: QueryParams, defaults: QueryDefaults) -> Limits:
    """Return the limits of `params`, and `defaults` for those it does not set."""
    return Limits(
        top_k=params.top_k or defaults.top_k,
        chunk_top_k=params.chunk_top_k or defaults.chunk_top_k,
        entity_tokens=params.max_entity_tokens or defaults.max_entity_tokens,
        relation_tokens=params.max_relation_tokens or defaults.max_relation_tokens,
        total_tokens=params.max_total_tokens or defaults.max_total_tokens,
        cosine_threshold=defaults.cosine_threshold,
        related_chunks=defaults.related_chunks,
        pick_by_weight=defaults.chunk_pick_method.upper() == "WEIGHT",
    )
