"""The pipeline history of a workspace, which is also the timeline of each document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from documents.models import Document, EventKind, PipelineEvent


def record(document: Document, kind: EventKind, message: str, **data: Any) -> None:
    """Add an event of one document."""
    _event(document, kind, message, data).save(force_insert=True)


def record_many(
    kind: EventKind, events: Iterable[tuple[Document, str, dict[str, Any]]]
) -> None:
    """Add an event of each document, given with its message and data, in one statement."""
    PipelineEvent.objects.bulk_create(
        _event(document, kind, message, data) for document, message, data in events
    )


def record_workspace(
    workspace_id: int, kind: EventKind, message: str, **data: Any
) -> None:
    """Add an event of the workspace as a whole."""
    PipelineEvent.objects.create(
        workspace_id=workspace_id, kind=kind, message=message, data=data
    )


def _event(
    document: Document, kind: EventKind, message: str, data: dict[str, Any]
) -> PipelineEvent:
    return PipelineEvent(
        workspace_id=document.workspace_id,
        document=document,
        kind=kind,
        message=message,
        data=data,
    )
