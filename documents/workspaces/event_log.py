"""A workspace's pipeline history, which is also each document's timeline."""

from __future__ import annotations

from collections.abc import Iterable

from documents.models import Document, PipelineEvent


def record(document: Document, message: str) -> None:
    """Add a line about one document."""
    PipelineEvent.objects.create(
        workspace_id=document.workspace_id, document=document, message=message
    )


def record_many(lines: Iterable[tuple[Document, str]]) -> None:
    """Add a line about each of these documents, in one statement."""
    PipelineEvent.objects.bulk_create(
        PipelineEvent(
            workspace_id=document.workspace_id, document=document, message=message
        )
        for document, message in lines
    )


def record_workspace(workspace_id: int, message: str) -> None:
    """Add a line about the workspace as a whole."""
    PipelineEvent.objects.create(workspace_id=workspace_id, message=message)
