"""Cache of completions, so that no answer is paid for twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from retrieval.llm import reasoning
from retrieval.llm.base import ChatRequest, Completion, Message
from retrieval.llm.text_cleaning import clean
from retrieval.llm.usage.models import LLMCache

# The join skips entries of a workspace that was deleted in the meantime.
WRITE = """
INSERT INTO retrieval_llmcache (workspace_id, purpose, mode, key, model, response,
    chunk_id, prompt_chars, prompt_tokens, completion_tokens, created_at)
SELECT w.id, purpose, mode, key, model, response,
    (SELECT id FROM documents_chunk WHERE id = f.chunk FOR KEY SHARE),
    chars, sent, got, now()
FROM unnest(%(keys)s::text[], %(purposes)s::text[], %(modes)s::text[],
    %(models)s::text[], %(responses)s::text[], %(chunks)s::bigint[], %(chars)s::int[],
    %(sent)s::int[], %(got)s::int[])
    AS f (key, purpose, mode, model, response, chunk, chars, sent, got)
JOIN documents_workspace w ON w.id = %(workspace)s
ORDER BY key
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A completion to store. `purpose` is one of `LLMCache.Purpose`."""

    key: str
    purpose: str
    model: str
    completion: Completion
    mode: str = "default"
    chunk_id: int | None = None
    prompt_chars: int = 0


def key(model_identity: str, request: ChatRequest) -> str:
    """Return the SHA-256 (hex) of everything that determines an answer."""
    schema = request.json_schema
    parts = [
        model_identity,
        [_message(message) for message in request.messages],
        schema and [schema.name, dict(schema.schema)],
        dict(request.options),
        *map(asdict, request.tools),
    ]
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _message(message: Message) -> list[object]:
    """Return what identifies a message; an image is identified by its digest."""
    parts: list[object] = [message.role, message.content]
    if message.tool_calls or message.tool_call_id:
        parts += [list(map(asdict, message.tool_calls)), message.tool_call_id]
    if message.images:
        parts.append([[image.media_type, image.digest] for image in message.images])
    return parts


def lookup(workspace_id: int, keys: Iterable[str]) -> dict[str, Completion]:
    """Return the cached completions by key, in one query."""
    rows = LLMCache.objects.filter(workspace_id=workspace_id, key__in=list(keys))
    fields = ("key", "response", "prompt_tokens", "completion_tokens")
    return {key: _completion(*values) for key, *values in rows.values_list(*fields)}


def _completion(text: str, prompt_tokens: int, completion_tokens: int) -> Completion:
    """Return a stored answer; those of version 0.1.0 contain their reasoning."""
    thoughts, answer = reasoning.split(text)
    return Completion(answer, prompt_tokens, completion_tokens, reasoning=thoughts)


def store(workspace_id: int, entries: Sequence[CacheEntry]) -> None:
    """Store new entries in one statement; existing keys are not changed.

    A truncated completion is not stored: a retry with more tokens may be complete.
    """
    complete = [entry for entry in entries if _is_complete(entry)]
    completions = [entry.completion for entry in complete]
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "keys": [entry.key for entry in complete],
        "purposes": [str(entry.purpose) for entry in complete],
        "modes": [str(entry.mode) for entry in complete],
        "models": [entry.model[:200] for entry in complete],
        "responses": [clean(completion.text) for completion in completions],
        "chunks": [entry.chunk_id for entry in complete],
        "chars": [entry.prompt_chars for entry in complete],
        "sent": [completion.prompt_tokens for completion in completions],
        "got": [completion.completion_tokens for completion in completions],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


def clear(workspace_id: int, modes: Iterable[str] | None = None) -> int:
    """Delete the completions of these modes, or all of them; return the number."""
    rows = LLMCache.objects.filter(workspace_id=workspace_id)
    if modes is not None:
        rows = rows.filter(mode__in=list(modes))
    count, _ = rows.delete()
    return count


def _is_complete(entry: CacheEntry) -> bool:
    return bool(entry.completion.text) and not entry.completion.truncated
