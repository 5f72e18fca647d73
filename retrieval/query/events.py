"""Events of a streamed answer, and the whole answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.context.support import Verdicts
from retrieval.llm.base import ChatRequest, Completion, Ending, ToolCall


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    `llm_generated` is false if no model wrote it, `truncated` true if the model stopped
    at its token limit. `request` is what the model was sent, `completion` its answer.
    """

    text: str
    references: tuple[Reference, ...]
    seconds: float
    llm_generated: bool
    truncated: bool = False
    request: ChatRequest | None = None
    completion: Completion | None = None
    verdicts: Verdicts = field(default_factory=dict)
    """Whether sentences are supported, if a model judged them."""

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls that the model requests before it can answer."""
        return self.completion.tool_calls if self.completion else ()

    @property
    def reasoning(self) -> str:
        """What the model wrote before its answer."""
        return self.completion.reasoning if self.completion else ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step begins; its name is one of LightRAG's (docs/lightrag.md A.3)."""

    step: str


@dataclass(frozen=True, slots=True)
class References:
    """The references of the answer, before its first word, and its whole context."""

    listed: tuple[Reference, ...]
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of the model's reasoning, which comes before its answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event; `llm_generated` and `request` as in Answer.

    `ending` is the model's, or empty if no model was called; `verdicts` as in Answer.
    """

    seconds: float
    llm_generated: bool
    request: ChatRequest | None = None
    ending: Ending = field(default_factory=Ending)
    verdicts: Verdicts = field(default_factory=dict)

    @property
    def truncated(self) -> bool:
        return self.ending.truncated

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return self.ending.tool_calls

    def answer(
        self, text: str, references: tuple[Reference, ...], reasoning: str = ""
    ) -> Answer:
        """Return the whole answer, given the streamed text and the references."""
        return Answer(
            text,
            references,
            self.seconds,
            self.llm_generated,
            self.truncated,
            self.request,
            self.ending.after(text, reasoning) if self.request else None,
            self.verdicts,
        )


Event = Progress | References | ReasoningDelta | Delta | Finished
