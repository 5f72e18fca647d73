"""How a provider is held to JSON: by a schema, else as an object, else by the prompt.

Not every provider knows all three; one that refuses a step is not asked for it again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from enum import IntEnum
from typing import TypeVar

from retrieval.llm.base import ChatRequest
from retrieval.llm.errors import ContextTooLong, RequestRefused

T = TypeVar("T")
logger = logging.getLogger(__name__)
_ABOUT_FORMAT = re.compile(r"format|schema|json|structured|grammar", re.IGNORECASE)


class Step(IntEnum):
    """The kind of response format that is asked for."""

    SCHEMA = 0
    OBJECT = 1
    PROMPT = 2


class JsonLadder:
    """The step that a model has not refused yet; kept as long as its binding."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._step = Step.SCHEMA

    def step(self, request: ChatRequest) -> Step:
        """The step to ask `request` on."""
        return self._step if request.json_schema else Step.PROMPT

    async def descend(
        self, request: ChatRequest, ask: Callable[[Step], Awaitable[T]]
    ) -> T:
        """`ask` on the highest step that is not refused for its format."""
        while True:
            step = self.step(request)
            try:
                return await ask(step)
            except ContextTooLong:
                raise
            except RequestRefused as error:
                if step is Step.PROMPT or not _ABOUT_FORMAT.search(str(error)):
                    raise
                logger.warning(
                    "%s refuses JSON by %s: %s", self._label, step.name, error
                )
                if request.json_schema and not request.json_schema.ours:
                    # A caller's schema may be to blame: nothing is learnt of the model.
                    return await ask(Step.OBJECT if step < Step.OBJECT else Step.PROMPT)
                # Requests side by side may be refused alike: one step down for all.
                self._step = max(self._step, Step(step + 1))
