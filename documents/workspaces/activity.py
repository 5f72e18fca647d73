"""What a worker does with a document at the moment, kept in Redis while it lasts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from redis.exceptions import RedisError

from documents.models import Status
from documents.workspaces import workers

KEY = "lightrag:activity:{}"
EXPIRY_SECONDS = 300
"""An entry expires if no item is begun in this time."""
logger = logging.getLogger(__name__)


class ActivityKind(StrEnum):
    """Kinds of activities that are counted."""

    OCR = "ocr"
    FIGURES = "figures"


DURING = {
    ActivityKind.OCR: Status.PARSING,
    ActivityKind.FIGURES: Status.PROCESSING,
}
"""The status of a document during an activity."""


@dataclass(frozen=True, slots=True)
class Activity:
    """The item that is processed, from 1, and the number of items."""

    kind: ActivityKind
    number: int
    total: int

    def __str__(self) -> str:
        if self.kind is ActivityKind.OCR:
            return f"OCR page {self.number} of {self.total}"
        return f"Describing figure {self.number} of {self.total}"


def report(document_id: int, activity: Activity) -> None:
    """Store the activity of a document. An error of Redis is ignored."""
    value = f"{activity.kind} {activity.number} {activity.total}"
    try:
        workers.connect().set(KEY.format(document_id), value, ex=EXPIRY_SECONDS)
    except (RedisError, OSError) as error:
        logger.debug("The progress was not stored, because Redis failed: %s", error)


def clear(document_id: int) -> None:
    """Delete the activity of a document. An error of Redis is ignored."""
    try:
        workers.connect().delete(KEY.format(document_id))
    except (RedisError, OSError) as error:
        logger.debug("The progress was not deleted, because Redis failed: %s", error)


def of_documents(statuses: Mapping[int, str]) -> dict[int, Activity]:
    """Return the activities of documents, given by their status.

    An activity that does not belong to the status has ended. Without Redis there is none.
    """
    ids = [pk for pk, status in statuses.items() if status in DURING.values()]
    if not ids:
        return {}
    try:
        values = workers.connect().mget([KEY.format(pk) for pk in ids])
    except (RedisError, OSError):
        return {}
    activities = {
        pk: _parse(value if isinstance(value, str) else value.decode())
        for pk, value in zip(ids, values, strict=True)
        if value
    }
    return {
        pk: activity
        for pk, activity in activities.items()
        if DURING[activity.kind] == statuses[pk]
    }


def _parse(text: str) -> Activity:
    kind, number, total = text.split()
    return Activity(ActivityKind(kind), int(number), int(total))
