"""How many documents may wait at once: MAX_PENDING_DOCUMENTS (docs/lightrag.md A.2)."""

from __future__ import annotations

from django.conf import settings

from documents.errors import AtCapacity
from documents.models import Workspace
from documents.queries import pipeline_status


def check(workspace: Workspace, wanted: int) -> None:
    """Raises AtCapacity where so many more would be too many.

    Under `locks.lock_names` it is exact; before that it spares the reading of a file.
    """
    capacity = settings.LIGHTRAG.server.max_pending_documents
    if not capacity:
        return
    active = pipeline_status.unfinished(workspace).count()
    if active + wanted > capacity:
        raise AtCapacity(active, wanted, capacity)
