"""Fallback of JSON answers: by a schema, else as a JSON object, else by the prompt alone.

Not every provider supports all three. A format that a provider refuses is not requested
from it again.
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


class OutputFormat(IntEnum):
    """The response formats, strictest first."""

    SCHEMA = 0
    OBJECT = 1
    PROMPT = 2


class StructuredOutputFallback:
    """Remembers the strictest response format that a model has not refused."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._format = OutputFormat.SCHEMA

    def format_for(self, request: ChatRequest) -> OutputFormat:
        """Return the format to use for `request`."""
        return self._format if request.json_schema else OutputFormat.PROMPT

    async def send(
        self, request: ChatRequest, call: Callable[[OutputFormat], Awaitable[T]]
    ) -> T:
        """Return the result of `call` with the strictest format the model accepts."""
        while True:
            output_format = self.format_for(request)
            try:
                return await call(output_format)
            except ContextTooLong:
                raise
            except RequestRefused as error:
                if output_format is OutputFormat.PROMPT or not _ABOUT_FORMAT.search(
                    str(error)
                ):
                    raise
                logger.warning(
                    "%s refuses the response format %s: %s",
                    self._label,
                    output_format.name,
                    error,
                )
                if request.json_schema and not request.json_schema.ours:
                    # The caller's schema may be invalid, so this says nothing about
                    # the model.
                    return await call(
                        OutputFormat.OBJECT
                        if output_format < OutputFormat.OBJECT
                        else OutputFormat.PROMPT
                    )
                # Concurrent requests may be refused together; fall back only once.
                self._format = max(self._format, OutputFormat(output_format + 1))
