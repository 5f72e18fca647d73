"""Documents leave with everything they said, in one transaction and without a model.

What others also said stays, derived anew from the mentions that remain; vectors that
still hold what left are blanked in the same commit and made anew by a worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from documents.lifecycle import row_deletion
from documents.models import Document, EventKind, Workspace
from documents.workspaces import audit, event_log, locks, notify
from documents.workspaces.audit import Action

NAMED = 5
"""How many names a line tells."""


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What was deleted, and which of the asked-for ids are not known.

    `lost`: entities and relations that went although a person had edited them, for no
    other document names them.
    """

    deleted: tuple[str, ...]
    unknown: tuple[str, ...]
    files: int = 0
    lost: tuple[str, ...] = ()


def delete_documents(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    delete_file: bool = False,
    delete_llm_cache: bool = False,
) -> DeletionReport:
    """Delete documents by their `doc-…` ids, whatever their status, also in mid-work.

    New versions of them that are still being read go along.
    """
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        documents = list(
            Document.objects.select_for_update(of=("self",))
            .filter(
                Q(public_id__in=public_ids) | Q(replaces__public_id__in=public_ids),
                workspace=workspace,
            )
            .order_by("pk")
        )
        settled = row_deletion.erase(
            workspace.pk, documents, delete_llm_cache=delete_llm_cache
        )
        wanted = set(public_ids)
        asked = [document for document in documents if document.public_id in wanted]
        record(workspace, asked, settled.lost)
        audit.record_many(
            Action.DOCUMENT_DELETE,
            (document.name for document in asked),
            workspace_id=workspace.pk,
        )
        notify.notify_workers()
    known = {document.public_id for document in asked}
    return DeletionReport(
        deleted=tuple(known),
        unknown=tuple(name for name in public_ids if name not in known),
        files=row_deletion.delete_files(documents) if delete_file else 0,
        lost=settled.lost,
    )


def record(
    workspace: Workspace, documents: Sequence[Document], lost: Sequence[str] = ()
) -> None:
    if not documents:
        return
    names = ", ".join(document.name for document in documents[:NAMED])
    line = f"Deleted {len(documents)} documents: {names}"
    event_log.record_workspace(
        workspace.pk, EventKind.DELETED, line, count=len(documents)
    )
    if lost:
        event_log.record_workspace(
            workspace.pk, EventKind.EDITS_LOST, went_along(lost), names=list(lost)
        )


def went_along(lost: Sequence[str]) -> str:
    """Which edits a deletion took along, in a sentence."""
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    return (
        f"No other document names what had been edited: {', '.join(lost[:NAMED])}{more}"
    )


def clear(workspace: Workspace, *, delete_files_too: bool = True) -> DeletionReport:
    """Delete every document of the workspace, and its whole graph; the LLM cache stays."""
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        documents = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace)
            .only("name", "public_id", "source_path")
            .order_by("pk")
        )
        row_deletion.erase_all(workspace.pk, documents)
        record(workspace, documents)
        audit.record(
            Action.DOCUMENT_CLEAR,
            workspace.name,
            workspace_id=workspace.pk,
            count=len(documents),
        )
    return DeletionReport(
        deleted=tuple(document.public_id for document in documents),
        unknown=(),
        files=row_deletion.delete_files(documents) if delete_files_too else 0,
    )
