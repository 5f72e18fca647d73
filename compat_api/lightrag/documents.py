"""`/documents`: lists, counts, pipeline status and clearing (docs/lightrag.md A.2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.errors import HttpError

from compat_api.auth import callers
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
from documents.files import parser_hints
from documents.intake import scan_tasks
from documents.lifecycle import document_deletion
from documents.models import Status, Workspace
from documents.parsing import parsers
from documents.queries import listing, pipeline_status
from documents.queries.pipeline_status import Work

router = Router(tags=["documents"])
NEWER_STATUSES = (Status.PARSING, Status.ANALYZING)
"""Statuses that LightRAG 1.4.4 does not have; it reports `processing`."""


@router.get("/documents", auth=READ, response=DocsStatusesResponse)
def list_documents(request: HttpRequest) -> dict[str, Any]:
    """List the latest 1,000 documents of each status, as LightRAG 1.4.4 does.

    The statuses are those of 1.4.4: its clients do not know the newer ones.
    """
    rows_by_status = listing.newest_by_status(callers.workspace(request))
    statuses: dict[str, list[dict[str, Any]]] = {}
    for status, rows in rows_by_status.items():
        name = Status.PROCESSING if status in NEWER_STATUSES else status
        items = [ListedDocument.of(row) | {"status": name} for row in rows]
        statuses.setdefault(name, []).extend(items)
    return {"statuses": statuses}


@router.delete("/documents", auth=ADMIN, response=ClearDocumentsResponse)
def clear_documents(request: HttpRequest) -> dict[str, Any]:
    """Delete every document of the workspace, its graph and its files."""
    report = document_deletion.clear(callers.workspace(request))
    message = f"All documents cleared successfully. Deleted {report.files} files."
    return {"status": "success", "message": message}


@router.post("/documents/paginated", auth=POLL, response=PaginatedDocsResponse)
def list_page(request: HttpRequest, body: DocumentsRequest) -> dict[str, Any]:
    """Return one page of documents, filtered and sorted, with the counts by status."""
    page = listing.page(callers.workspace(request), body.as_page_request())
    return PaginatedDocsResponse.of(page, body)


@router.get("/documents/status_counts", auth=READ, response=StatusCountsResponse)
def count_by_status(request: HttpRequest) -> dict[str, Any]:
    """Return the number of documents by status."""
    return {"status_counts": listing.status_counts(callers.workspace(request))}


@router.get(
    "/documents/track_status/{track_id}", auth=READ, response=TrackStatusResponse
)
def track(request: HttpRequest, track_id: str) -> dict[str, Any]:
    """Return the documents that one upload, insertion or scan created."""
    if not track_id.strip():
        raise HttpError(400, "Track ID cannot be empty")
    rows = listing.by_track_id(callers.workspace(request), track_id)
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
    """Return the state of the pipeline. Clients may poll this every second."""
    workspace = callers.workspace(request)
    work = pipeline_status.work(workspace)
    events = pipeline_status.recent_events(workspace)
    lines = pipeline_status.messages(events)
    current_job = progress(work) if work.unfinished else finished_job(workspace)
    return current_job | {
        "latest_message": latest_message(workspace, work, lines),
        "history_messages": lines,
        "update_status": {},
        "scanning": scan_tasks.any_running(events),
    }


def latest_message(workspace: Workspace, work: Work, lines: list[str]) -> str:
    """Return the reason why documents wait or what a worker does; or the latest message."""
    reason = pipeline_status.waiting_reason() if work.unfinished else ""
    if not reason and work.running:
        reason = pipeline_status.activities(workspace)
    return reason or (lines[-1] if lines else "")


def progress(work: Work) -> dict[str, Any]:
    """Return the progress of the running job, in documents and extracted chunks."""
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


def finished_job(workspace: Workspace) -> dict[str, Any]:
    """Return the last job as LightRAG reports it when it has finished."""
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
    """List the supported extensions. A hint in a file name can choose the engine."""
    response["Cache-Control"] = "no-store"
    suffixes = list(parsers.SUPPORTED)
    engines = dict.fromkeys(parser_hints.ENGINES, suffixes)
    for name, service in settings.LIGHTRAG.parser_services.items():
        if service.endpoint:
            engines[name] = sorted(
                f".{suffix}" for suffix in parser_hints.suffixes(name)
            )
    return {"supported_extensions": suffixes, "engines": engines}
