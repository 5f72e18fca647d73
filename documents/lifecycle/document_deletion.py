"""Deletion of documents and of everything extracted from them, in one transaction.

No model is called. Entities and relations that other documents mention stay: their
descriptions are recomputed from the remaining mentions, and vectors of the old texts are
cleared in the same commit and computed again by a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.db.models.fields.json import KT

from documents.lifecycle import row_deletion
from documents.models import Document, EventKind, Workspace
from documents.workspaces import audit, event_log, locks, workers
from documents.workspaces.audit import Action

MAX_NAMES = 5
"""Upper bound on the names in an event's message."""


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """The public ids that were deleted, and those that were not found.

    `lost_edits` names entities and relations that a person had edited, and that were
    deleted because no other document mentions them.
    """

    deleted: tuple[str, ...]
    unknown: tuple[str, ...]
    files: int = 0
    lost_edits: tuple[str, ...] = ()


def delete_documents(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    delete_file: bool = False,
    delete_llm_cache: bool = False,
) -> DeletionReport:
    """Delete documents in any status, also while a worker processes them.

    Unfinished new versions of them are deleted too, and their attachments.
    """
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        public_ids = [*public_ids, *_attachments(workspace, public_ids)]
        documents = list(
            Document.objects.select_for_update(of=("self",))
            .filter(
                Q(public_id__in=public_ids) | Q(replaces__public_id__in=public_ids),
                workspace=workspace,
            )
            .order_by("pk")
        )
        pruned = row_deletion.delete(
            workspace.pk, documents, delete_llm_cache=delete_llm_cache
        )
        requested_ids = set(public_ids)
        requested = [row for row in documents if row.public_id in requested_ids]
        _record(workspace, requested, pruned.lost)
        audit.record_many(
            Action.DOCUMENT_DELETE,
            (document.name for document in requested),
            workspace_id=workspace.pk,
        )
        workers.notify_workers()
    deleted = {document.public_id for document in requested}
    return DeletionReport(
        deleted=tuple(deleted),
        unknown=tuple(name for name in public_ids if name not in deleted),
        files=row_deletion.delete_files(documents) if delete_file else 0,
        lost_edits=pruned.lost,
    )


def _attachments(workspace: Workspace, public_ids: Sequence[str]) -> list[str]:
    """Return the ids of the attachments of these documents, and of their attachments."""
    attachments = list[str]()
    parents = list(public_ids)
    while parents:
        parents = list(
            Document.objects.alias(attached_to=KT("metadata__attached_to"))
            .filter(
                workspace=workspace,
                metadata__has_key="attached_to",
                attached_to__in=parents,
            )
            .exclude(public_id__in=[*public_ids, *attachments])
            .values_list("public_id", flat=True)
        )
        attachments += parents
    return attachments


def clear(workspace: Workspace, *, delete_files: bool = True) -> DeletionReport:
    """Delete all documents of the workspace and its graph. The LLM cache is kept."""
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace)
            .only("name", "public_id", "source_path")
            .order_by("pk")
        )
        row_deletion.delete_everything(workspace.pk, documents)
        _record(workspace, documents)
        audit.record(
            Action.DOCUMENT_CLEAR,
            workspace.name,
            workspace_id=workspace.pk,
            count=len(documents),
        )
    return DeletionReport(
        deleted=tuple(document.public_id for document in documents),
        unknown=(),
        files=row_deletion.delete_files(documents) if delete_files else 0,
    )


def _record(
    workspace: Workspace, documents: Sequence[Document], lost_edits: Sequence[str] = ()
) -> None:
    if not documents:
        return
    names = ", ".join(document.name for document in documents[:MAX_NAMES])
    message = f"Deleted {len(documents)} documents: {names}"
    event_log.record_workspace(
        workspace.pk, EventKind.DELETED, message, count=len(documents)
    )
    if lost_edits:
        event_log.record_workspace(
            workspace.pk,
            EventKind.EDITS_LOST,
            lost_edits_message(lost_edits),
            names=list(lost_edits),
        )


def lost_edits_message(lost_edits: Sequence[str]) -> str:
    """Return a sentence that names the edits that a deletion removed."""
    more = len(lost_edits) - MAX_NAMES
    names = ", ".join(lost_edits[:MAX_NAMES]) + (
        f" and {more} more" if more > 0 else ""
    )
    return f"Deleted edits, because no other document mentions their subjects: {names}"
