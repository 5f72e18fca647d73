"""The `context` of `/api/generate`: a conversation as numbers, which clients send back.

Ollama's are the tokens of its model. Ours are o200k tokens of the messages themselves,
so nothing has to be kept here between two calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from compat_api.ollama.errors import BadRequest
from retrieval.llm import tokens
from retrieval.llm.base import Message

ROLES = ("user", "assistant")


def kept(messages: Iterable[Message]) -> list[int]:
    """The numbers that stand for these messages."""
    said = [[message.role, message.content] for message in messages]
    return tokens.encode(json.dumps(said, ensure_ascii=False))


def read(numbers: Sequence[int]) -> tuple[Message, ...]:
    """The messages again; raises BadRequest for numbers that were not made here."""
    if not numbers:
        return ()
    try:
        said = json.loads(tokens.decode(numbers))
        messages = tuple(Message(str(role), str(content)) for role, content in said)
    except (KeyError, IndexError, OverflowError, TypeError, ValueError):
        messages = (Message("", ""),)
    if any(message.role not in ROLES for message in messages):
        raise BadRequest("This context was not made by this server: leave it out.")
    return messages
