"""What comes out of a question: a whole answer, or its pieces as they are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.llm.base import ChatRequest, Completion, Ending, ToolCall


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    `llm_generated` is false where no model wrote it, `truncated` true where the model
    stopped at its token limit. `asked` is what a model was sent, `completion` its words.
    """

    text: str
    references: tuple[Reference, ...]
    seconds: float
    llm_generated: bool
    truncated: bool = False
    asked: ChatRequest | None = None
    completion: Completion | None = None

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """What the model wants called before it can answer."""
        return self.completion.tool_calls if self.completion else ()


@dataclass(frozen=True, slots=True)
class Progress:
    """A step begins; its name is one of upstream's (docs/lightrag.md A.3)."""

    step: str


@dataclass(frozen=True, slots=True)
class References:
    """The sources, known before the first word, and all that was found with them."""

    listed: tuple[Reference, ...]
    found: Context | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """No more comes; `llm_generated` and `asked` as in an Answer.

    `ending` is the model's own, where it was one that spoke.
    """

    seconds: float
    llm_generated: bool
    asked: ChatRequest | None = None
    ending: Ending = field(default_factory=Ending)

    @property
    def truncated(self) -> bool:
        return self.ending.truncated

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return self.ending.tool_calls


Event = Progress | References | Delta | Finished
