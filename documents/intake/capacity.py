"""Upper bound on unfinished documents: MAX_PENDING_DOCUMENTS (docs/lightrag.md A.2)."""

from __future__ import annotations

from django.conf import settings

from documents.errors import AtCapacity
from documents.models import Workspace
from documents.queries import pipeline_status


def check(workspace: Workspace, requested: int) -> None:
    """Raise AtCapacity if this number of new documents would exceed the limit.

    Call it under `locks.lock_names`, so that concurrent uploads cannot exceed it together.
    """
    capacity = settings.LIGHTRAG.server.max_pending_documents
    if not capacity:
        return
    active = pipeline_status.unfinished(workspace).count()
    if active + requested > capacity:
        raise AtCapacity(active, requested, capacity)
