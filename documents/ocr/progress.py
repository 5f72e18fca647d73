"""The progress of OCR, kept in Redis for as long as a document is read."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from redis.exceptions import RedisError

from documents.workspaces import workers

KEY = "lightrag:ocr:{}"
EXPIRY_SECONDS = 300
"""An entry expires if no page is finished in this time."""
logger = logging.getLogger(__name__)


def report(document_id: int, page: int, pages: int) -> None:
    """Store that a page of a document is being read. An error of Redis is ignored."""
    try:
        workers.connect().set(
            KEY.format(document_id), f"{page}/{pages}", ex=EXPIRY_SECONDS
        )
    except (RedisError, OSError) as error:
        logger.debug("The progress was not stored, because Redis failed: %s", error)


def of_documents(document_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return the page that is read and the number of pages, by document."""
    ids = list(document_ids)
    if not ids:
        return {}
    try:
        values = workers.connect().mget([KEY.format(pk) for pk in ids])
    except (RedisError, OSError):
        return {}
    result = dict[int, tuple[int, int]]()
    for pk, value in zip(ids, values, strict=True):
        if value:
            text = value if isinstance(value, str) else value.decode()
            page, pages = text.split("/")
            result[pk] = (int(page), int(pages))
    return result
