"""A chat's messages -> one question with its history, for every chat dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compat_api.chat import question_prefix, tool_use
from compat_api.chat.chat_models import NamedModel
from compat_api.chat.question_prefix import Prefixed
from compat_api.http.streaming import hold_until
from documents.models import Workspace
from retrieval.llm.base import JsonSchema, Message, Tool
from retrieval.query import answer
from retrieval.query.events import Delta, Event
from retrieval.search.params import Mode, QueryParams

CHORE = "\n<chat_history>\nUSER:"
"""Open WebUI's own requests, for a title or tags, hold this; they are no questions to
the knowledge base (docs/lightrag.md A.5)."""
INSTRUCTING = ("system", "developer")
TALKING = ("user", "assistant", "tool")


class BadConversation(ValueError):
    """The messages hold no question."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for beside its messages.

    `asked` are fields of QueryParams, `options` and `tools` go to the answering model.
    """

    asked: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    json_schema: JsonSchema | None = None
    tools: Sequence[Tool] = ()


def as_params(
    model: NamedModel, messages: Sequence[Message], wanted: Wanted
) -> QueryParams:
    """The last user message is the question, what stands before is history.

    System messages become the user prompt. What follows the question came of it: calls
    of tools and their answers. A prefix of the question wins over the request's fields,
    and they over the model's. Raises BadConversation or CannotCallTools.
    """
    place = question_place(messages)
    prefixed = question_prefix.parse(messages[place].content)
    if not prefixed.question.strip():
        raise BadConversation("The last user message is blank.")
    asked = {**model.asked, **wanted.asked, **of_prefix(prefixed)}
    if CHORE in prefixed.question:
        asked["mode"] = Mode.BYPASS
    history = list(filter(is_talk, messages[:place]))
    wishes = instructions(model, messages, asked.pop("user_prompt", ""), prefixed.wish)
    if asked.get("mode") is Mode.BYPASS and wishes:
        history.insert(0, Message("system", wishes))
    return QueryParams(
        query=prefixed.question.strip(),
        conversation_history=tuple(history),
        user_prompt=wishes,
        options=wanted.options,
        json_schema=wanted.json_schema,
        tools=tool_use.offered(wanted.tools, wanted.options),
        tool_messages=tuple(filter(is_talk, messages[place + 1 :])),
        **asked,
    )


async def start_answer(
    workspace: Workspace, params: QueryParams
) -> AsyncGenerator[Event, None]:
    """Return the answer's events once its first text has arrived.

    What fails before that is raised here, so it can still be an HTTP error.
    """
    events = answer.stream(workspace, params)
    return await hold_until(events, lambda event: isinstance(event, Delta))


def is_talk(message: Message) -> bool:
    """Whether the model is to read it where it stands."""
    return message.role in TALKING and bool(message.content or message.tool_calls)


def question_place(messages: Sequence[Message]) -> int:
    """Where the last user message stands; raises BadConversation."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].role == "user":
            return place
    raise BadConversation("There is no user message.")


def of_prefix(prefixed: Prefixed) -> dict[str, Any]:
    """What a prefix says in the names of QueryParams."""
    asked: dict[str, Any] = {"mode": prefixed.mode} if prefixed.mode else {}
    return asked | ({"only_need_context": True} if prefixed.only_context else {})


def instructions(model: NamedModel, messages: Sequence[Message], *others: str) -> str:
    """The model's own, the system messages, the caller's and the prefix's wishes."""
    said = [one.content for one in messages if one.role in INSTRUCTING]
    texts = (model.system_prompt, *said, *others)
    return "\n\n".join(text for text in texts if text.strip())
