"""Requests and responses about documents (docs/lightrag.md A.2)."""

from __future__ import annotations

from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from documents.models import Document, Status
from documents.queries.listing import Page, PageRequest, SortField


class DocumentsRequest(Schema):
    """A page of documents; `status_filters` takes precedence over `status_filter`."""

    status_filter: Status | None = None
    status_filters: list[Status] | None = None
    page: int = Field(1, ge=1)
    page_size: int = Field(50, ge=10, le=200)
    sort_field: SortField = "updated_at"
    sort_direction: Literal["asc", "desc"] = "desc"

    def as_page_request(self) -> PageRequest:
        """Return the request for documents.queries.listing."""
        statuses = [self.status_filter] if self.status_filter else []
        return PageRequest(
            statuses=tuple(self.status_filters or statuses),
            number=self.page,
            size=self.page_size,
            sort=self.sort_field,
            descending=self.sort_direction == "desc",
        )


class DocStatusResponse(Schema):
    """A document. Times are ISO 8601 in UTC; `content_length` is in characters."""

    id: str
    content_summary: str
    content_length: int
    status: Status
    created_at: str
    updated_at: str
    track_id: str | None = None
    chunks_count: int | None = None
    error_msg: str | None = None
    metadata: dict[str, Any] | None = None
    file_path: str
    tags: list[str] = []

    @classmethod
    def of(cls, document: Document) -> dict[str, Any]:
        """Return the fields of a document."""
        return {
            "id": document.public_id,
            "content_summary": document.content_summary,
            "content_length": document.content_length,
            "status": document.status,
            "created_at": document.created_at.isoformat(),
            "updated_at": document.updated_at.isoformat(),
            "track_id": document.track_id,
            "chunks_count": document.chunks_count,
            "error_msg": document.error_msg or None,
            "metadata": document.metadata,
            "file_path": document.name,
            "tags": document.tags,
        }


class ListedDocument(DocStatusResponse):
    """A document with its error also as `error`, as LightRAG 1.4.4 names it."""

    error: str | None = None

    @classmethod
    def of(cls, document: Document) -> dict[str, Any]:
        """Return the fields of a document."""
        return super().of(document) | {"error": document.error_msg or None}


class DocsStatusesResponse(Schema):
    """Documents by status, as in LightRAG 1.4.4; only statuses that have documents."""

    statuses: dict[Status, list[ListedDocument]]


class PaginationInfo(Schema):
    """The position of a page in the list."""

    page: int
    page_size: int
    total_count: int
    total_pages: int
    has_next: bool
    has_prev: bool


class PaginatedDocsResponse(Schema):
    """A page of documents, and the number of documents of each status."""

    documents: list[DocStatusResponse]
    pagination: PaginationInfo
    status_counts: dict[str, int]

    @classmethod
    def of(cls, page: Page, request: DocumentsRequest) -> dict[str, Any]:
        """Return the response for a page."""
        pages = -(-page.total // request.page_size)
        return {
            "documents": [DocStatusResponse.of(row) for row in page.documents],
            "pagination": {
                "page": request.page,
                "page_size": request.page_size,
                "total_count": page.total,
                "total_pages": pages,
                "has_next": request.page < pages,
                "has_prev": request.page > 1,
            },
            "status_counts": page.counts,
        }


class StatusCountsResponse(Schema):
    """The number of documents by status; `all` is the total."""

    status_counts: dict[str, int]


class TrackStatusResponse(Schema):
    """The documents that one request created; none if the track id is unknown."""

    track_id: str
    documents: list[DocStatusResponse]
    total_count: int
    status_summary: dict[str, int]


class PipelineStatusResponse(Schema):
    """The state of the pipeline (docs/lightrag.md C.9) with counts of our own.

    `documents_queued`, `documents_running`, `chunks_total` and `chunks_extracted` are
    additions to LightRAG's fields.
    """

    autoscanned: bool = False
    busy: bool = False
    job_name: str = "-"
    job_start: str | None = None
    docs: int = 0
    batchs: int = 0
    cur_batch: int = 0
    request_pending: bool = False
    latest_message: str = ""
    history_messages: list[str] | None = None
    update_status: dict[str, Any] | None = None
    recovery_required: bool = False
    recovery_kind: str | None = None
    recovery_message: str | None = None
    destructive_busy: bool = False
    scanning: bool = False
    scanning_exclusive: bool = False
    pending_enqueues: int = 0
    cancellation_requested: bool = False
    cancellation_reason: str | None = None
    cancellation_detail: str | None = None
    documents_queued: int = 0
    documents_running: int = 0
    chunks_total: int = 0
    chunks_extracted: int = 0


class SupportedFileTypesResponse(Schema):
    """The supported extensions with their dot, and those of each parser engine."""

    supported_extensions: list[str]
    engines: dict[str, list[str]]


class ClearDocumentsResponse(Schema):
    """The result of deleting all documents."""

    status: Literal["success", "partial_success", "busy", "fail"]
    message: str
