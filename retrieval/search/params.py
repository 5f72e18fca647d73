"""What is asked, and how much may be read for it (docs/lightrag.md B.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import dropwhile
from typing import Any, Protocol

from retrieval.llm.base import JsonSchema, Message, Tool
from retrieval.search.filters import NO_FILTERS, Filters

RESPONSE_TYPE = "Multiple Paragraphs"


class Mode(StrEnum):
    """Where a question looks: `retrieval.search.modes` has a function for each."""

    NAIVE = "naive"
    LOCAL = "local"
    GLOBAL = "global"
    HYBRID = "hybrid"
    MIX = "mix"
    BYPASS = "bypass"


@dataclass(frozen=True, slots=True)
class QueryParams:
    """One question. `None` means what `settings.LIGHTRAG` says.

    `history_turns` (1.4.4) keeps the last so many exchanges of the conversation, all
    where it is None. `options` go to the answering model as they are; `json_schema` is
    the shape its answer must have; `tools` are offered to it, and `following` is what
    came of them since the question: the calls it asked for, and their answers.
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
    following: tuple[Message, ...] = ()

    @property
    def history(self) -> tuple[Message, ...]:
        """The messages that go to the model: a turn is a question and its answer."""
        if self.history_turns is None:
            return self.conversation_history
        kept = 2 * self.history_turns
        last = self.conversation_history[-kept:] if kept > 0 else ()
        # A tool's answer is nothing without the call that was cut off before it.
        return tuple(dropwhile(lambda message: message.role == "tool", last))

    @property
    def searches_graph(self) -> bool:
        """Whether entities and relations are looked for."""
        return self.mode not in (Mode.NAIVE, Mode.BYPASS)

    def instructions(self, prefix: str) -> str:
        """What the caller adds to the prompt: prefix and own words, verbatim."""
        return ("" if self.disable_user_prompt_prefix else prefix) + self.user_prompt


class QueryDefaults(Protocol):
    """`settings.LIGHTRAG.query`, as far as limits come from it."""

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
    """How much one question reads: counts of rows, and tokens."""

    top_k: int
    chunk_top_k: int
    entity_tokens: int
    relation_tokens: int
    total_tokens: int
    cosine_threshold: float
    related_chunks: int
    pick_by_weight: bool


def limits(params: QueryParams, defaults: QueryDefaults) -> Limits:
    """What `params` leaves open is filled from `defaults`."""
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
