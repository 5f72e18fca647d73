"""Documents leave with everything they said, in one transaction and without a model.

What others also said stays, derived anew from the mentions that remain; vectors that
still hold what left are blanked in the same commit and made anew by a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from documents import erasing, events, tasks
from documents.models import Document, Workspace
from graph import audit, locking
from graph.audit import Action
from graph.models import Entity, Relation


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What was deleted, and which of the asked-for ids are not known."""

    deleted: tuple[str, ...]
    unknown: tuple[str, ...]
    files: int = 0


def delete_documents(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    delete_file: bool = False,
    delete_llm_cache: bool = False,
) -> DeletionReport:
    """Delete documents by their `doc-…` ids, whatever their status, also in mid-work."""
    with transaction.atomic():
        locking.lock(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace, public_id__in=public_ids)
            .order_by("pk")
        )
        erasing.erase(workspace.pk, documents, delete_llm_cache=delete_llm_cache)
        record(workspace, documents)
        audit.record_many(
            Action.DOCUMENT_DELETE,
            (document.name for document in documents),
            workspace_id=workspace.pk,
        )
        tasks.wake()
    known = {document.public_id for document in documents}
    return DeletionReport(
        deleted=tuple(known),
        unknown=tuple(name for name in public_ids if name not in known),
        files=erasing.delete_files(documents) if delete_file else 0,
    )


def record(workspace: Workspace, documents: Sequence[Document]) -> None:
    if not documents:
        return
    names = ", ".join(document.name for document in documents[:5])
    events.record_workspace(
        workspace.pk, f"Deleted {len(documents)} documents: {names}"
    )


def clear(workspace: Workspace, *, delete_files_too: bool = True) -> DeletionReport:
    """Delete every document of the workspace, and its whole graph; the LLM cache stays."""
    with transaction.atomic():
        locking.lock(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace)
            .order_by("pk")
        )
        erasing.erase(workspace.pk, documents)
        record(workspace, documents)
        audit.record(
            Action.DOCUMENT_CLEAR,
            workspace.name,
            workspace_id=workspace.pk,
            count=len(documents),
        )
        Relation.objects.filter(workspace=workspace).delete()
        Entity.objects.filter(workspace=workspace).delete()
    return DeletionReport(
        deleted=tuple(document.public_id for document in documents),
        unknown=(),
        files=erasing.delete_files(documents) if delete_files_too else 0,
    )
