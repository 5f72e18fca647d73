"""Chat through Google's Gemini API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Any, cast

from google import genai
from google.genai import types

from retrieval.llm.base import (
    ChatRequest,
    Ending,
    Message,
    Piece,
    Reasoning,
    Tool,
    ToolCall,
)
from retrieval.llm.chat import tool_calls
from retrieval.llm.chat.refusals import (
    AdaptingChat,
    OutputFormat,
    Refusals,
    Variant,
)
from retrieval.llm.clients import gemini
from retrieval.llm.clients.gemini import ERROR_RULES
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import EmptyAnswer, RequestRefused
from retrieval.llm.event_loop import PerEventLoop

Responses = AsyncGenerator[types.GenerateContentResponse, None]
_NAMES = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "stop": "stop_sequences",
}
"""Options whose names differ from OpenAI's."""
_OPTIONS = frozenset(
    {
        "temperature",
        "top_p",
        "top_k",
        "max_output_tokens",
        "stop_sequences",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "thinking_config",
        "safety_settings",
    }
)
_NO_CALLING = types.AutomaticFunctionCallingConfig(disable=True)
"""The package would call Python functions itself."""
_STOPPED_AT_LIMIT = {"MAX_TOKENS"}
_GOOD_REASONS = {"", "STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED", "OTHER"}


class GeminiChat(AdaptingChat):
    """A chat model behind `models/…:generateContent`."""

    calls_tools = True

    def __init__(self, config: ChatConfig) -> None:
        self._config = config
        self._label = gemini.label(config)
        self._clients: PerEventLoop[genai.Client] = PerEventLoop(
            lambda: gemini.make(config)
        )
        self._refusals = Refusals(self._label)
        self.identity = f"gemini:{config.model}@{config.host}"

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aio.aclose()

    async def _pieces(
        self, request: ChatRequest, variant: Variant
    ) -> AsyncGenerator[Piece, None]:
        calls: list[ToolCall] = []
        usage = types.GenerateContentResponseUsageMetadata()
        reason, has_text, has_begun = "", False, False
        with translate_errors(self._label, ERROR_RULES, lambda: has_begun):
            response = await self._clients.get().aio.models.generate_content_stream(
                model=self._config.model,
                contents=_contents(request.messages),
                config=self._settings(request, variant),
            )
            # It is a generator, although it is declared as an iterator.
            async with aclosing(cast("Responses", response)) as chunks:
                async for chunk in chunks:
                    has_begun = True
                    usage = chunk.usage_metadata or usage
                    reason = _reason(chunk) or reason
                    for part in _parts(chunk):
                        if part.function_call:
                            calls.append(_call(part.function_call))
                        elif part.text:
                            has_text |= not part.thought
                            yield Reasoning(part.text) if part.thought else part.text
        if not has_text and not calls:
            self._raise_empty(reason)
        yield Ending(
            usage.prompt_token_count or 0,
            (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
            reason in _STOPPED_AT_LIMIT,
            tuple(calls),
        )

    def _raise_empty(self, reason: str) -> None:
        if reason not in _GOOD_REASONS:
            raise RequestRefused(f"{self._label}: filtered content ({reason})")
        raise EmptyAnswer(f"{self._label}: the answer is empty ({reason}).")

    def _settings(
        self, request: ChatRequest, variant: Variant
    ) -> types.GenerateContentConfig:
        merged = {**request.defaults, **self._config.options, **request.options}
        named = {_NAMES.get(name, name): value for name, value in merged.items()}
        options = {name: named[name] for name in named if name in _OPTIONS}
        if isinstance(options.get("stop_sequences"), str):
            options["stop_sequences"] = [options["stop_sequences"]]
        system = "\n\n".join(m.content for m in request.messages if _is_system(m))
        choice = request.options.get("tool_choice")
        return types.GenerateContentConfig(
            system_instruction=system or None,
            tools=[*_tools(request.tools)] if choice != "none" else None,
            automatic_function_calling=_NO_CALLING,
            tool_config=_tool_config(choice) if request.tools else None,
            **variant.options(options),
            **_json_options(request, variant.output_format),
        )


def _is_system(message: Message) -> bool:
    return message.role in ("system", "developer")


def _contents(messages: Iterable[Message]) -> list[types.Content]:
    """Return the conversation; the names of called tools are found by their ids."""
    names: dict[str, str] = {}
    contents = []
    for message in messages:
        if _is_system(message):
            continue
        names |= {call.id: call.name for call in message.tool_calls}
        role = "model" if message.role == "assistant" else "user"
        contents.append(types.Content(role=role, parts=_message_parts(message, names)))
    return contents


def _message_parts(message: Message, names: Mapping[str, str]) -> list[types.Part]:
    if message.tool_call_id:
        name = names.get(message.tool_call_id, message.tool_call_id)
        return [
            types.Part.from_function_response(
                name=name, response={"result": message.content}
            )
        ]
    texts = [types.Part(text=message.content)] if message.content else []
    images = [
        types.Part.from_bytes(data=image.content, mime_type=image.media_type)
        for image in message.images
    ]
    calls = [
        types.Part.from_function_call(name=call.name, args=tool_calls.arguments(call))
        for call in message.tool_calls
    ]
    return [*texts, *images, *calls] or [types.Part(text=" ")]


def _tools(tools: Iterable[Tool]) -> list[types.Tool]:
    declarations = [
        types.FunctionDeclaration(
            name=tool.name,
            description=tool.description,
            parameters_json_schema=dict(tool.parameters),
        )
        for tool in tools
    ]
    return [types.Tool(function_declarations=declarations)] if declarations else []


def _tool_config(choice: Any) -> types.ToolConfig | None:
    """Return which tools must be called; None if the model may choose."""
    if choice in (None, "auto", "none"):
        return None
    name = choice["function"]["name"] if isinstance(choice, dict) else None
    calling = types.FunctionCallingConfig(
        mode=types.FunctionCallingConfigMode.ANY,
        allowed_function_names=[name] if name else None,
    )
    return types.ToolConfig(function_calling_config=calling)


def _json_options(request: ChatRequest, output_format: OutputFormat) -> dict[str, Any]:
    wants_object = request.options.get("response_format") == {"type": "json_object"}
    if request.json_schema is None or output_format is OutputFormat.PROMPT:
        return {"response_mime_type": "application/json"} if wants_object else {}
    if output_format is OutputFormat.OBJECT:
        return {"response_mime_type": "application/json"}
    return {
        "response_mime_type": "application/json",
        "response_json_schema": dict(request.json_schema.schema),
    }


def _reason(chunk: types.GenerateContentResponse) -> str:
    feedback = chunk.prompt_feedback
    if feedback and feedback.block_reason:
        return feedback.block_reason.value
    reasons = (candidate.finish_reason for candidate in chunk.candidates or ())
    return next((reason.value for reason in reasons if reason), "")


def _parts(chunk: types.GenerateContentResponse) -> list[types.Part]:
    contents = [candidate.content for candidate in chunk.candidates or ()]
    content = contents[0] if contents else None
    return (content.parts if content else None) or []


def _call(call: types.FunctionCall) -> ToolCall:
    arguments = json.dumps(call.args or {}, ensure_ascii=False)
    return ToolCall(call.id or tool_calls.new_id(), call.name or "", arguments)
