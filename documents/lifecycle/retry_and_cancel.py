"""Retry failed documents, and cancel unfinished ones."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from documents.lifecycle import row_deletion
from documents.models import UNFINISHED, Document, EventKind, Status, Workspace
from documents.workspaces import audit, event_log, locks, workers
from documents.workspaces.audit import Action

CANCELLED = "User cancelled"
"""Error message of cancelled documents, LightRAG's (docs/lightrag.md C.1)."""


def retry_failed(workspace: Workspace) -> int:
    """Queue all failed documents of the workspace again, and return their number.

    Stored extractions and vectors are kept, so only the missing ones are computed.
    """
    return retry(workspace, Document.objects.filter(workspace=workspace))


def retry(workspace: Workspace, documents: QuerySet[Document]) -> int:
    """Queue the failed ones of these documents again, and return their number."""
    failed = documents.filter(status=Status.FAILED).exclude(
        metadata__has_key="duplicate_kind"
    )
    with transaction.atomic():
        locks.share_lock(workspace.pk)
        count = locks.documents_in_order(failed).update(
            status=Status.PENDING,
            error_msg="",
            cancelled=False,
            attempts=0,
            updated_at=Now(),
        )
        if count:
            message = f"Retrying {count} documents"
            event_log.record_workspace(
                workspace.pk, EventKind.RETRIED, message, count=count
            )
            _audit(Action.DOCUMENT_RETRY, workspace, count)
            workers.notify_workers()
    return count


def cancel(workspace: Workspace, document_ids: Sequence[int] | None = None) -> int:
    """Cancel all unfinished documents, or only these, and return their number.

    Workers stop within two seconds. Stored extractions and vectors are kept for a retry.
    """
    unfinished = Document.objects.filter(workspace=workspace, status__in=UNFINISHED)
    if document_ids is not None:
        unfinished = unfinished.filter(pk__in=document_ids)
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        ids = locks.lock_documents(unfinished)
        count = Document.objects.filter(pk__in=ids).update(
            status=Status.FAILED,
            error_msg=CANCELLED,
            cancelled=True,
            lease_owner="",
            lease_until=None,
            updated_at=Now(),
        )
        row_deletion.hide_chunks(workspace.pk, ids)
        if count:
            message = f"{CANCELLED}: {count} documents"
            event_log.record_workspace(
                workspace.pk, EventKind.CANCELLED, message, count=count
            )
            _audit(Action.DOCUMENT_CANCEL, workspace, count)
    return count


def _audit(action: Action, workspace: Workspace, count: int) -> None:
    audit.record(action, workspace.name, workspace_id=workspace.pk, count=count)
