"""`/documents`: deletion, retry, cancellation, the LLM cache (docs/lightrag.md A.2)."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Router
from ninja.errors import HttpError
from pydantic import Field

from compat_api.auth import callers
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
from documents.lifecycle import document_deletion, retry_and_cancel
from documents.lifecycle.document_deletion import DeletionReport
from documents.workspaces import audit, locks
from documents.workspaces.audit import Action
from retrieval.llm.calls import cache

router = Router(tags=["documents"])
Limit = Annotated[int, Field(ge=1, le=200)]
NOTHING_TO_RESET = (
    "Nothing to recover: each deletion, clearing and merge is one transaction, so a "
    "worker that stops leaves no partial changes."
)


@router.delete("/documents/delete_document", auth=WRITE, response=DeleteDocByIdResponse)
def delete_documents(request: HttpRequest, body: DeleteDocRequest) -> dict[str, Any]:
    """Delete documents and what was extracted from them.

    Other documents may be processed meanwhile.
    """
    report = document_deletion.delete_documents(
        callers.workspace(request),
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
    """Return which documents were deleted or not found, and the lost edits."""
    message = f"Documents deleted: {len(report.deleted)}."
    if report.unknown:
        message += f" Not found: {', '.join(report.unknown)}."
    if report.lost_edits:
        message += f" {document_deletion.lost_edits_message(report.lost_edits)}."
    return message


@router.post("/documents/clear_cache", auth=ADMIN, response=ClearCacheResponse)
def clear_cache(
    request: HttpRequest, body: ClearCacheRequest | None = None
) -> dict[str, Any]:
    """Clear the cached answers of language models, optionally only those of some modes.

    Extraction results are not affected: they are stored with their chunks.
    """
    modes = (body.modes or None) if body else None
    workspace = callers.workspace(request)
    with transaction.atomic():
        locks.lock_workspace(workspace.pk)  # deletions change the same rows
        cache.clear(workspace.pk, modes)
        audit.record(
            Action.CACHE_CLEAR, workspace.name, workspace_id=workspace.pk, modes=modes
        )
    scope = f"cache for modes: {', '.join(modes)}" if modes else "all cache"
    return {"status": "success", "message": f"Successfully cleared {scope}"}


@router.post("/documents/reprocess_failed", auth=WRITE, response=ReprocessResponse)
def reprocess_failed(request: HttpRequest) -> dict[str, Any]:
    """Queue every failed document again; its extraction results are kept."""
    count = retry_and_cancel.retry_failed(callers.workspace(request))
    message = f"Failed documents queued again under their track ids: {count}."
    return {"status": "reprocessing_started", "message": message}


@router.post("/documents/cancel_pipeline", auth=WRITE, response=CancelPipelineResponse)
def cancel_pipeline(request: HttpRequest) -> dict[str, Any]:
    """Cancel the queued and running documents. They can be retried like failed ones."""
    count = retry_and_cancel.cancel(callers.workspace(request))
    if not count:
        message = "Pipeline is not currently running. No cancellation needed."
        return {"status": "not_busy", "message": message}
    message = f"Documents cancelled: {count}. Workers stop processing them now."
    return {"status": "cancellation_requested", "message": message}


@router.get(
    "/documents/source_conflicts", auth=READ, response=SourceConflictListResponse
)
def source_conflicts(
    request: HttpRequest, limit: Limit = 50, cursor: str | None = None
) -> dict[str, Any]:
    """List documents that share a name: always none, names are unique here."""
    if cursor:
        raise HttpError(400, "Malformed cursor: this server returns no cursors.")
    return {}


@router.post(
    "/documents/source_conflicts/repair",
    auth=WRITE,
    response=SourceConflictRepairResponse,
)
def repair_source_conflict(
    request: HttpRequest, body: SourceConflictRepairRequest
) -> dict[str, Any]:
    """Return 409: document names are unique, so no conflict can exist."""
    raise HttpError(
        409, f"'{body.primary_doc_id}' has no conflict: document names are unique."
    )


@router.post(
    "/documents/recovery/force_reset", auth=ADMIN, response=ForceResetRecoveryResponse
)
def force_reset(
    request: HttpRequest, body: ForceResetRecoveryRequest
) -> dict[str, Any]:
    """Return that there is nothing to reset."""
    if not body.confirm:
        raise HttpError(400, f"Set confirm=true to reset. {NOTHING_TO_RESET}")
    return {"status": "no_recovery_required", "message": NOTHING_TO_RESET}
