"""Output items of responses, kept for an hour, so that a later request can name them.

The Vercel AI SDK sends `{"type": "item_reference", "id": …}` instead of the items. They
are kept in Redis by workspace; without Redis, or later, a reference is ignored.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from documents.models import Workspace

KEEP_SECONDS = 3600
MAX_ITEM_BYTES = 256 * 1024
"""Longer items are not kept."""
_PREFIX = "lightrag:response-items"
logger = logging.getLogger(__name__)


async def store(workspace: Workspace, items: Sequence[Mapping[str, Any]]) -> None:
    """Store items by their `id`."""
    texts = {str(item["id"]): json.dumps(item) for item in items}
    try:
        async with _client() as client, client.pipeline(transaction=False) as pipeline:
            for item_id, text in texts.items():
                if len(text) <= MAX_ITEM_BYTES:
                    pipeline.set(_key(workspace, item_id), text, ex=KEEP_SECONDS)
            await pipeline.execute()
    except (RedisError, OSError) as error:
        logger.warning("The items of a response were not stored: %s", error)


async def find(workspace: Workspace, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return those of the items that are stored, by id."""
    if not ids:
        return {}
    try:
        async with _client() as client:
            texts = await client.mget([_key(workspace, item_id) for item_id in ids])
    except (RedisError, OSError):
        return {}
    pairs = zip(ids, texts, strict=True)
    return {item_id: json.loads(text) for item_id, text in pairs if text}


def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
    )


def _key(workspace: Workspace, item_id: str) -> str:
    return f"{_PREFIX}:{workspace.pk}:{item_id}"
