"""What a model was asked and what it answered, kept so that nothing is bought twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.clean import clean
from retrieval.models import LLMCache


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A completion to keep. `purpose` is one of `LLMCache.Purpose`."""

    key: str
    purpose: str
    model: str
    completion: Completion
    mode: str = "default"
    chunk_id: int | None = None
    prompt_chars: int = 0


def key(model_identity: str, request: ChatRequest) -> str:
    """SHA-256 (hex) over all that decides an answer: the model and the whole request."""
    schema = request.json_schema
    asked = [
        model_identity,
        [[message.role, message.content] for message in request.messages],
        schema and [schema.name, dict(schema.schema)],
        dict(request.options),
    ]
    text = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def lookup(workspace_id: int, keys: Iterable[str]) -> dict[str, Completion]:
    """The completions known by key; one query for all."""
    rows = LLMCache.objects.filter(workspace_id=workspace_id, key__in=list(keys))
    return {
        row[0]: Completion(*row[1:])
        for row in rows.values_list(
            "key", "response", "prompt_tokens", "completion_tokens"
        )
    }


def store(workspace_id: int, entries: Sequence[CacheEntry]) -> None:
    """Keep `entries` in one statement; a key that is known stays as it is.

    A truncated completion is left out: asked again with more room it may be whole.
    """
    rows = [_row(workspace_id, entry) for entry in entries if _is_whole(entry)]
    LLMCache.objects.bulk_create(rows, ignore_conflicts=True)


def clear(workspace_id: int, modes: Iterable[str] | None = None) -> int:
    """Forget the completions of these modes, or all of them; returns how many."""
    rows = LLMCache.objects.filter(workspace_id=workspace_id)
    if modes is not None:
        rows = rows.filter(mode__in=list(modes))
    count, _ = rows.delete()
    return count


def _is_whole(entry: CacheEntry) -> bool:
    return bool(entry.completion.text) and not entry.completion.truncated


def _row(workspace_id: int, entry: CacheEntry) -> LLMCache:
    return LLMCache(
        workspace_id=workspace_id,
        purpose=entry.purpose,
        mode=entry.mode,
        key=entry.key,
        model=entry.model[:200],
        response=clean(entry.completion.text),
        chunk_id=entry.chunk_id,
        prompt_chars=entry.prompt_chars,
        prompt_tokens=entry.completion.prompt_tokens,
        completion_tokens=entry.completion.completion_tokens,
    )
