"""`/documents` as a whole: lists, counts, progress, the end (docs/lightrag.md A.2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from compat_api.auth import workspace_access
from compat_api.auth.permissions import ADMIN, POLL, READ
from compat_api.lightrag.schemas.documents import (
    ClearDocumentsResponse,
    DocsStatusesResponse,
    DocStatusResponse,
    DocumentsRequest,
    ListedDocument,
    PaginatedDocsResponse,
    PipelineStatusResponse,
    StatusCountsResponse,
    SupportedFileTypesResponse,
    TrackStatusResponse,
)
from documents.files import file_names
from documents.intake import scan_tasks
from documents.lifecycle import deletion
from documents.models import Workspace
from documents.parsing import parsers
from documents.queries import listing, pipeline_status
from documents.queries.pipeline_status import Work

router = Router(tags=["documents"])


@router.get("/documents", auth=READ, response=DocsStatusesResponse)
def list_documents(request: HttpRequest) -> dict[str, Any]:
    """1.4.4's list: the latest 1,000 documents of each status that has any."""
    found = listing.newest_by_status(workspace_access.workspace(request))
    statuses = {
        status: [ListedDocument.of(row) for row in rows]
        for status, rows in found.items()
    }
    return {"statuses": statuses}


@router.delete("/documents", auth=ADMIN, response=ClearDocumentsResponse)
def clear_documents(request: HttpRequest) -> dict[str, Any]:
    """Delete every document of the workspace, its graph and its files."""
    report = deletion.clear(workspace_access.workspace(request))
    message = f"All documents cleared successfully. Deleted {report.files} files."
    return {"status": "success", "message": message}


@router.post("/documents/paginated", auth=POLL, response=PaginatedDocsResponse)
def list_page(request: HttpRequest, body: DocumentsRequest) -> dict[str, Any]:
    """One page, filtered and sorted, and how many documents have which status."""
    page = listing.page(workspace_access.workspace(request), body.as_page_request())
    return PaginatedDocsResponse.of(page, body)


@router.get("/documents/status_counts", auth=READ, response=StatusCountsResponse)
def count_by_status(request: HttpRequest) -> dict[str, Any]:
    """How many documents have which status."""
    return {"status_counts": listing.status_counts(workspace_access.workspace(request))}


@router.get(
    "/documents/track_status/{track_id}", auth=READ, response=TrackStatusResponse
)
def track(request: HttpRequest, track_id: str) -> dict[str, Any]:
    """The documents that one upload, insertion or scan handed in."""
    if not track_id.strip():
        raise HttpError(400, "Track ID cannot be empty")
    rows = listing.by_track_id(workspace_access.workspace(request), track_id)
    return {
        "track_id": track_id,
        "documents": [DocStatusResponse.of(row) for row in rows],
        "total_count": len(rows),
        "status_summary": Counter(row.status for row in rows),
    }


@router.get(
    "/documents/pipeline_status",
    auth=POLL,
    response=PipelineStatusResponse,
    exclude_unset=False,
)
def get_pipeline_status(request: HttpRequest) -> dict[str, Any]:
    """What ingestion is doing; cheap enough to be asked every second."""
    workspace = workspace_access.workspace(request)
    work = pipeline_status.work(workspace)
    events = pipeline_status.recent_events(workspace)
    lines = pipeline_status.messages(events)
    now = progress(work) if work.unfinished else done(workspace)
    return now | {
        "latest_message": latest_message(work, lines),
        "history_messages": lines,
        "update_status": {},
        "scanning": scan_tasks.any_running(events),
    }


def latest_message(work: Work, lines: list[str]) -> str:
    """What happened last, or what documents wait for."""
    waits_for = pipeline_status.waiting_reason() if work.unfinished else ""
    return waits_for or (lines[-1] if lines else "")


def progress(work: Work) -> dict[str, Any]:
    """How far the job is: in documents, and in chunks that were extracted."""
    return {
        "busy": True,
        "job_name": pipeline_status.job_name(work.first_name, work.documents),
        "job_start": work.since.isoformat() if work.since else None,
        "docs": work.documents,
        "batchs": work.documents,
        "cur_batch": work.finished,
        "request_pending": bool(work.queued),
        "pending_enqueues": work.queued,
        "cancellation_requested": work.cancelled,
        "documents_queued": work.queued,
        "documents_running": work.running,
        "chunks_total": work.chunks,
        "chunks_extracted": work.extracted,
    }


def done(workspace: Workspace) -> dict[str, Any]:
    """The last job, as upstream leaves it standing when it is over."""
    job = pipeline_status.last_job(workspace)
    return {
        "job_name": job.name,
        "job_start": job.started.isoformat() if job.started else None,
        "docs": job.documents,
        "batchs": job.documents,
        "cur_batch": job.documents,
    }


@router.get(
    "/documents/supported_file_types", auth=READ, response=SupportedFileTypesResponse
)
def supported_file_types(
    request: HttpRequest, response: HttpResponse
) -> dict[str, Any]:
    """Which files can be read; a hint in a file's name may choose the engine."""
    response["Cache-Control"] = "no-store"
    suffixes = list(parsers.SUPPORTED)
    return {
        "supported_extensions": suffixes,
        "engines": dict.fromkeys(file_names.ENGINES, suffixes),
    }
