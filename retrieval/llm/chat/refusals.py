"""Requests without what a model has refused: a response format, or single options.

JSON answers are requested by a schema, else as a JSON object, else by the prompt alone.
What a model refuses once is not sent to it again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, TypeVar

from retrieval.llm import reasoning
from retrieval.llm.base import ChatRequest, Completion, Piece
from retrieval.llm.errors import (
    ContextTooLong,
    EmptyAnswer,
    LLMError,
    ProviderDown,
    RequestRefused,
)

T = TypeVar("T")
logger = logging.getLogger(__name__)
_ABOUT_FORMAT = re.compile(
    r"format|schema|json|structured|grammar|guided|requested parameters", re.IGNORECASE
)
_FAILED_BY_FORMAT = re.compile(
    r"response_format|json_schema|json_object|guided|grammar|UnsupportedParams",
    re.IGNORECASE,
)
"""Words in the message of a failure (5xx) that the response format has caused."""
_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecognized|unknown|not permitted|not allowed|unexpected"
    r"|extra (?:inputs|fields)|deprecated|only the default|cannot both|incompatible"
    r"|not available",
    re.IGNORECASE,
)
_OPTIONS = (
    "max_completion_tokens",
    "max_tokens",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "parallel_tool_calls",
    "tool_choice",
    "stream_options",
    "logit_bias",
    "stop",
    "seed",
    "user",
)
"""Options that an answer can do without."""
_LONGER_NAME = re.compile(r"use '?max_completion_tokens", re.IGNORECASE)


class OutputFormat(IntEnum):
    """The response formats, strictest first."""

    SCHEMA = 0
    OBJECT = 1
    PROMPT = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """How a request is sent: its response format, and the options that are left out.

    `renames_length`: `max_tokens` is sent as `max_completion_tokens`.
    """

    output_format: OutputFormat
    without: frozenset[str] = frozenset()
    renames_length: bool = False

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options to send."""
        values = dict(options)
        if self.renames_length and "max_tokens" in values:
            values["max_completion_tokens"] = values.pop("max_tokens")
        return {name: values[name] for name in values if name not in self.without}


class Refusals:
    """Remembers the response formats and options that a model has refused."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._format = OutputFormat.SCHEMA
        self._without: frozenset[str] = frozenset()
        self._renames_length = False

    def variant_for(self, request: ChatRequest) -> Variant:
        """Return the variant to send of `request`."""
        output_format = self._format if request.json_schema else OutputFormat.PROMPT
        return Variant(output_format, self._without, self._renames_length)

    async def send(
        self,
        request: ChatRequest,
        options: Collection[str],
        call: Callable[[Variant], Awaitable[T]],
    ) -> T:
        """Return the result of `call` with the first variant that the model accepts.

        `options` are the names of the options that are sent.
        """
        while True:
            variant = self.variant_for(request)
            try:
                return await call(variant)
            except ContextTooLong:
                raise
            except (RequestRefused, ProviderDown, EmptyAnswer) as error:
                if self._learn_option(variant, options, error):
                    continue
                if not _is_about_format(variant.output_format, error):
                    raise
                self._log(f"response format {variant.output_format.name}", error)
                return await self._with_next_format(request, variant, error, call)

    async def _with_next_format(
        self,
        request: ChatRequest,
        variant: Variant,
        error: LLMError,
        call: Callable[[Variant], Awaitable[T]],
    ) -> T:
        """Return the result with the next format; remember the format if it is the cause.

        A caller's schema may be invalid, and an empty answer may be an accident.
        """
        while True:
            variant = replace(
                variant, output_format=OutputFormat(variant.output_format + 1)
            )
            try:
                result = await call(variant)
            except (RequestRefused, ProviderDown) as further:
                if not _is_about_format(variant.output_format, further):
                    raise
                self._log(f"response format {variant.output_format.name}", further)
                continue
            if request.json_schema and request.json_schema.ours:
                self._format = max(self._format, variant.output_format)
            return result

    def _learn_option(
        self, variant: Variant, options: Collection[str], error: LLMError
    ) -> bool:
        """Remember the option that the error names; return whether there is one."""
        message = str(error)
        if not isinstance(error, RequestRefused) or not _UNSUPPORTED.search(message):
            return False
        if (
            "max_tokens" in options
            and _LONGER_NAME.search(message)
            and not variant.renames_length
        ):
            self._renames_length = True
            return True
        for name in _OPTIONS:
            is_sent = name in options and name not in variant.without
            if is_sent and re.search(rf"\b{name}\b", message):
                self._log(f"option {name}", error)
                self._without |= {name}
                return True
        return False

    def _log(self, refused: str, error: LLMError) -> None:
        logger.warning("%s refuses the %s: %s", self._label, refused, error)


class AdaptingChat:
    """Base of chat models that send requests without what the model has refused."""

    _refusals: Refusals

    async def complete(self, request: ChatRequest) -> Completion:
        send = self._collect if request.max_chars else self._complete
        return await self._refusals.send(
            request, request.options, lambda variant: send(request, variant)
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; raise BadAnswer at the end if it was empty."""
        variant = self._refusals.variant_for(request)
        async with aclosing(self._pieces(request, variant)) as pieces:
            async for piece in pieces:
                yield piece

    async def _complete(self, request: ChatRequest, variant: Variant) -> Completion:
        """Return the whole answer; a subclass may request it without streaming."""
        return await self._collect(request, variant)

    async def _collect(self, request: ChatRequest, variant: Variant) -> Completion:
        """Return a streamed answer, cut at the request's `max_chars`."""
        return await reasoning.collect(
            self._pieces(request, variant), request.max_chars
        )

    def _pieces(
        self, request: ChatRequest, variant: Variant
    ) -> AsyncGenerator[Piece, None]:
        """Yield the answer to this variant of the request."""
        raise NotImplementedError


def _is_about_format(output_format: OutputFormat, error: LLMError) -> bool:
    if output_format is OutputFormat.PROMPT:
        return False
    if isinstance(error, EmptyAnswer):
        return output_format is OutputFormat.SCHEMA
    pattern = _FAILED_BY_FORMAT if isinstance(error, ProviderDown) else _ABOUT_FORMAT
    return bool(pattern.search(str(error)))
