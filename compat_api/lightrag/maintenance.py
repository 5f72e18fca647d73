"""`/documents`, kept in order: deleted, tried again, stopped, their cache emptied."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router
from ninja.errors import HttpError
from pydantic import Field

from compat_api.auth import workspace_access
from compat_api.auth.permissions import ADMIN, READ, WRITE
from compat_api.lightrag.schemas.maintenance import (
    CancelPipelineResponse,
    ClearCacheRequest,
    ClearCacheResponse,
    DeleteDocByIdResponse,
    DeleteDocRequest,
    ForceResetRecoveryRequest,
    ForceResetRecoveryResponse,
    ReprocessResponse,
    SourceConflictListResponse,
    SourceConflictRepairRequest,
    SourceConflictRepairResponse,
)
from documents.lifecycle import deletion, retry_and_cancel
from documents.lifecycle.deletion import DeletionReport
from documents.workspaces import audit, locks
from documents.workspaces.audit import Action
from retrieval.llm.calls import cache

router = Router(tags=["documents"])
Limit = Annotated[int, Field(ge=1, le=200)]
NOTHING_TO_RESET = (
    "Nothing to recover: a deletion, clearing or merge is one transaction here, so a "
    "worker that dies leaves nothing half done."
)


@router.delete("/documents/delete_document", auth=WRITE, response=DeleteDocByIdResponse)
def delete_documents(request: HttpRequest, body: DeleteDocRequest) -> dict[str, Any]:
    """Delete documents with everything they said, whatever is being processed."""
    report = deletion.delete_documents(
        workspace_access.workspace(request),
        body.doc_ids,
        delete_file=body.delete_file,
        delete_llm_cache=body.delete_llm_cache,
    )
    return {
        "status": "deletion_started",
        "message": deletion_message(report),
        "doc_id": ", ".join(body.doc_ids),
    }


def deletion_message(report: DeletionReport) -> str:
    """What was deleted, what was not there, and which edits went along."""
    message = f"Documents deleted: {len(report.deleted)}."
    if report.unknown:
        message += f" Not found: {', '.join(report.unknown)}."
    if report.lost_edits:
        message += f" {deletion.lost_edits_message(report.lost_edits)}."
    return message


@router.post("/documents/clear_cache", auth=ADMIN, response=ClearCacheResponse)
def clear_cache(
    request: HttpRequest, body: ClearCacheRequest | None = None
) -> dict[str, Any]:
    """Forget what language models have answered: all of it, or that of some modes.

    What was extracted from documents stays: it is kept with their chunks.
    """
    modes = (body.modes or None) if body else None
    workspace = workspace_access.workspace(request)
    with transaction.atomic():
        locks.lock_workspace(workspace.pk)  # deletions touch the same rows
        cache.clear(workspace.pk, modes)
        audit.record(
            Action.CACHE_CLEAR, workspace.name, workspace_id=workspace.pk, modes=modes
        )
    what = f"cache for modes: {', '.join(modes)}" if modes else "all cache"
    return {"status": "success", "message": f"Successfully cleared {what}"}


@router.post("/documents/reprocess_failed", auth=WRITE, response=ReprocessResponse)
def reprocess_failed(request: HttpRequest) -> dict[str, Any]:
    """Queue every failed document again; what was extracted from it is kept."""
    count = retry_and_cancel.retry_failed(workspace_access.workspace(request))
    message = f"Failed documents queued again, by their old track ids: {count}."
    return {"status": "reprocessing_started", "message": message}


@router.post("/documents/cancel_pipeline", auth=WRITE, response=CancelPipelineResponse)
def cancel_pipeline(request: HttpRequest) -> dict[str, Any]:
    """Stop what is queued or in work; it can be tried again like any failed document."""
    count = retry_and_cancel.cancel(workspace_access.workspace(request))
    if not count:
        message = "Pipeline is not currently running. No cancellation needed."
        return {"status": "not_busy", "message": message}
    message = f"Documents cancelled: {count}. Workers let go of them at once."
    return {"status": "cancellation_requested", "message": message}


@router.get(
    "/documents/source_conflicts", auth=READ, response=SourceConflictListResponse
)
def source_conflicts(
    request: HttpRequest, limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Documents that share a name: none, for a name is unique in a workspace."""
    if cursor:
        raise HttpError(400, "Malformed cursor: no page was ever handed out here.")
    return {}


@router.post(
    "/documents/source_conflicts/repair",
    auth=WRITE,
    response=SourceConflictRepairResponse,
)
def repair_source_conflict(
    request: HttpRequest, body: SourceConflictRepairRequest
) -> dict[str, Any]:
    """There is never a conflict to repair."""
    raise HttpError(
        409, f"'{body.primary_doc_id}' is no candidate: there is no conflict here."
    )


@router.post(
    "/documents/recovery/force_reset", auth=ADMIN, response=ForceResetRecoveryResponse
)
def force_reset(
    request: HttpRequest, body: ForceResetRecoveryRequest
) -> dict[str, Any]:
    """There is never a recovery to reset."""
    if not body.confirm:
        raise HttpError(400, f"Set confirm=true to force-reset. {NOTHING_TO_RESET}")
    return {"status": "no_recovery_required", "message": NOTHING_TO_RESET}
