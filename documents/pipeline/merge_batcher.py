"""Documents that wait to be merged: many together, but none for long."""

from __future__ import annotations

import time

MERGE_AT = 16
MERGE_AFTER_SECONDS = 1.0


class Ready:
    """Ids of documents whose chunks have all been tried."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._since = 0.0

    def add(self, document_id: int) -> None:
        if not self._ids:
            self._since = time.monotonic()
        self._ids.append(document_id)

    def take(self, *, coming: int) -> list[int]:
        """All of them, once enough wait or one has waited. No more than `coming` can
        join them: where those are fewer than they, little is won by waiting."""
        waited = time.monotonic() - self._since > MERGE_AFTER_SECONDS
        if not (waited or len(self._ids) >= min(MERGE_AT, coming)):
            return []
        ids, self._ids = self._ids, []
        return ids
