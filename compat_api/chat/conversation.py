"""Convert the messages of a chat to a question with its history, for every dialect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from compat_api.chat import background_tasks, question_prefix, source_list, tool_use
from compat_api.chat.chat_models import NamedModel
from compat_api.chat.question_prefix import Prefixed
from compat_api.chat.source_list import ChatAPI
from compat_api.http.streaming import hold_until
from documents.models import Workspace
from retrieval.context import notices
from retrieval.llm.base import JsonSchema, Message, Tool
from retrieval.query import answer
from retrieval.query.events import (
    Answer,
    Delta,
    Event,
    ReasoningDelta,
    References,
)
from retrieval.query.model_request import NO_CONTEXT
from retrieval.search.params import Mode, QueryParams

INSTRUCTION_ROLES = ("system", "developer")
HISTORY_ROLES = ("user", "assistant", "tool")


class BadConversation(ValueError):
    """The messages contain no question."""


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """The options of a request besides its messages.

    `fields` are fields of QueryParams; `options` and `tools` are passed to the
    answering model.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    json_schema: JsonSchema | None = None
    tools: Sequence[Tool] = ()


def as_params(
    model: NamedModel, messages: Sequence[Message], request: RequestOptions
) -> QueryParams:
    """Return the last user message as the question, with its history and options.

    The messages before it are the history. System messages become the user prompt.
    Messages after the question are tool calls and their results. A prefix of the
    question takes precedence over the request's fields, and these over the model's.
    Raises BadConversation or CannotCallTools.
    """
    position = question_position(messages)
    prefixed = question_prefix.parse(messages[position].content)
    if not prefixed.question.strip():
        raise BadConversation("The last user message is blank.")
    fields = {**model.fields, **request.fields, **prefix_fields(prefixed)}
    if background_tasks.is_background_task(prefixed.question, messages):
        fields["mode"] = Mode.BYPASS
    history = [
        replace(message, content=_without_additions(message))
        for message in messages[:position]
        if is_history(message)
    ]
    prompt = instructions(
        model, messages, fields.pop("user_prompt", ""), prefixed.instruction
    )
    if fields.get("mode") is Mode.BYPASS and prompt:
        history.insert(0, Message("system", prompt))
    return QueryParams(
        query=prefixed.question.strip(),
        conversation_history=tuple(history),
        user_prompt=prompt,
        options=request.options,
        json_schema=request.json_schema,
        tools=tool_use.usable_tools(request.tools, request.options),
        tool_messages=tuple(filter(is_history, messages[position + 1 :])),
        **fields,
    )


async def start_answer(
    workspace: Workspace, params: QueryParams, api: ChatAPI
) -> AsyncGenerator[Event, None]:
    """Return the answer's events once its first text has arrived, or the model is slow.

    Errors before that are raised here, so the response can still be an HTTP error.
    """
    events = _in_words(answer.stream(workspace, params), params)
    if source_list.is_required(api, params):
        events = source_list.stream(events)
    return await hold_until(
        events,
        lambda event: isinstance(event, Delta | ReasoningDelta),
        lambda event: isinstance(event, References),
    )


async def whole_answer(
    workspace: Workspace, params: QueryParams, api: ChatAPI
) -> Answer:
    """Return the whole answer."""
    result = await answer.ask(workspace, params)
    if result.text == NO_CONTEXT:
        return replace(result, text=nothing_found(params))
    if source_list.is_required(api, params):
        return await asyncio.to_thread(source_list.added, result)
    return result


async def _in_words(
    events: AsyncGenerator[Event, None], params: QueryParams
) -> AsyncGenerator[Event, None]:
    """Replace LightRAG's fixed text for an empty search by a sentence for users."""
    async with aclosing(events):
        async for event in events:
            is_empty = isinstance(event, Delta) and event.text == NO_CONTEXT
            yield Delta(nothing_found(params)) if is_empty else event


def nothing_found(params: QueryParams) -> str:
    """Return the answer if nothing was found, in the language of the question."""
    return notices.NOTHING_FOUND[notices.language(params.query)]


def is_history(message: Message) -> bool:
    """Return whether the message is passed to the model as part of the history."""
    return message.role in HISTORY_ROLES and bool(message.content or message.tool_calls)


def _without_additions(message: Message) -> str:
    """Return the text without a question's prefix and without an answer's sources."""
    if message.role == "user":
        return question_prefix.parse(message.content).question
    return source_list.without(message.content)


def question_position(messages: Sequence[Message]) -> int:
    """Return the index of the last user message; raise BadConversation without one."""
    for position in range(len(messages) - 1, -1, -1):
        if messages[position].role == "user":
            return position
    raise BadConversation("There is no user message.")


def prefix_fields(prefixed: Prefixed) -> dict[str, Any]:
    """Return the fields of QueryParams that a prefix sets."""
    fields: dict[str, Any] = {"mode": prefixed.mode} if prefixed.mode else {}
    return fields | ({"only_need_context": True} if prefixed.only_context else {})


def instructions(model: NamedModel, messages: Sequence[Message], *others: str) -> str:
    """Join the prompts of the model, the system messages and the caller."""
    system_texts = [
        message.content for message in messages if message.role in INSTRUCTION_ROLES
    ]
    texts = (model.system_prompt, *system_texts, *others)
    return "\n\n".join(text for text in texts if text.strip())
