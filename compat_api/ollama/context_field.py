"""The `context` of `/api/generate`: a conversation encoded as token ids.

Ollama's context is the tokens of its model. Here it is the messages as JSON in o200k
tokens, so the server stores nothing between requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from compat_api.ollama.errors import BadRequest
from retrieval.llm import tokens
from retrieval.llm.base import Message

ROLES = ("user", "assistant")


def encode(messages: Iterable[Message]) -> list[int]:
    """Return the token ids that encode the messages."""
    pairs = [[message.role, message.content] for message in messages]
    return tokens.encode(json.dumps(pairs, ensure_ascii=False))


def decode(token_ids: Sequence[int]) -> tuple[Message, ...]:
    """Return the encoded messages; raise BadRequest for ids of another origin."""
    if not token_ids:
        return ()
    try:
        pairs = json.loads(tokens.decode(token_ids))
        messages = tuple(Message(str(role), str(content)) for role, content in pairs)
    except (KeyError, IndexError, OverflowError, TypeError, ValueError):
        messages = (Message("", ""),)
    if any(message.role not in ROLES for message in messages):
        raise BadRequest("This 'context' is not from this server: omit it.")
    return messages
