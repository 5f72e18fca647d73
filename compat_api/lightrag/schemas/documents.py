"""What goes in and out of `/documents` (UPSTREAM a.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, model_validator

from compat_api.lightrag.schemas.chunking import TextChunkingConfig
from documents import names
from documents.errors import RefusedName
from documents.listing import Page, PageRequest, SortField
from documents.models import Document, Status
from documents.new_documents import Wishes

InsertStatus = Literal["success", "duplicated", "partial_success", "failure"]
CacheMode = Literal["default", "naive", "local", "global", "hybrid", "mix"]


def usable_source(name: str) -> str:
    """A source is shown to people and becomes a file's name."""
    try:
        names.check_source(name)
    except RefusedName as error:
        raise ValueError(str(error)) from None
    return name


def not_blank(text: str) -> str:
    """What is left without the white space around it."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("text cannot be empty or whitespace-only")
    return stripped


def unique_ids(ids: list[str]) -> list[str]:
    """Ids of documents: some, none of them blank, none twice."""
    stripped = [one.strip() for one in ids]
    if not stripped:
        raise ValueError("Document IDs list cannot be empty")
    if not all(stripped):
        raise ValueError("Document ID cannot be empty")
    if len(set(stripped)) < len(stripped):
        raise ValueError("Document IDs must be unique")
    return stripped


Source = Annotated[str, AfterValidator(usable_source)]
Text = Annotated[str, Field(min_length=1), AfterValidator(not_blank)]


class WithWishes(Schema):
    """What may be asked for with a text; without tags a new version keeps the old ones."""

    chunking: TextChunkingConfig | None = None
    tags: list[str] | None = None

    def wishes(self) -> Wishes:
        """The same for documents.uploads."""
        return Wishes(self.chunking.options() if self.chunking else None, self.tags)


class InsertTextRequest(WithWishes):
    """One text, and the name it is cited by."""

    text: Text
    file_source: Source | None = None
    replace: bool = False


class InsertTextsRequest(WithWishes):
    """Several texts, and as many names."""

    texts: list[Text] = Field(min_length=1)
    file_sources: list[Source] | None = None
    replace: bool = False


class ReplaceRequest(WithWishes):
    """The new text of a document."""

    text: Text


class TagsRequest(Schema):
    """A document's tags, all of them."""

    tags: list[str]


class InsertResponse(Schema):
    """What became of a file or text; `track_id` finds its documents again."""

    status: InsertStatus
    message: str
    track_id: str


class DocumentsRequest(Schema):
    """Which page of the documents; `status_filters` wins over `status_filter`."""

    status_filter: Status | None = None
    status_filters: list[Status] | None = None
    page: int = Field(1, ge=1)
    page_size: int = Field(50, ge=10, le=200)
    sort_field: SortField = "updated_at"
    sort_direction: Literal["asc", "desc"] = "desc"

    def as_page_request(self) -> PageRequest:
        """The same for documents.listing."""
        one = [self.status_filter] if self.status_filter else []
        return PageRequest(
            statuses=tuple(self.status_filters or one),
            number=self.page,
            size=self.page_size,
            sort=self.sort_field,
            descending=self.sort_direction == "desc",
        )


class DocStatusResponse(Schema):
    """One document. Times are ISO 8601 in UTC, `content_length` counts characters."""

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
        """The fields of a document."""
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
    """1.4.4 calls the error `error`."""

    error: str | None = None

    @classmethod
    def of(cls, document: Document) -> dict[str, Any]:
        """The fields of a document, the error by both names."""
        return super().of(document) | {"error": document.error_msg or None}


class DocsStatusesResponse(Schema):
    """1.4.4's list: a key for each status that has documents."""

    statuses: dict[Status, list[ListedDocument]]


class PaginationInfo(Schema):
    """Where a page stands."""

    page: int
    page_size: int
    total_count: int
    total_pages: int
    has_next: bool
    has_prev: bool


class PaginatedDocsResponse(Schema):
    """A page of documents, and how many there are of each status in all."""

    documents: list[DocStatusResponse]
    pagination: PaginationInfo
    status_counts: dict[str, int]

    @classmethod
    def of(cls, page: Page, request: DocumentsRequest) -> dict[str, Any]:
        """The answer to `request`."""
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
    """Documents by status, and `all`."""

    status_counts: dict[str, int]


class TrackStatusResponse(Schema):
    """The documents one call handed in; none where the track id is unknown."""

    track_id: str
    documents: list[DocStatusResponse]
    total_count: int
    status_summary: dict[str, int]


class PipelineStatusResponse(Schema):
    """What ingestion is doing (UPSTREAM c.9), and how far the model has come."""

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
    """Extensions with their dot, and which engine reads them."""

    supported_extensions: list[str]
    engines: dict[str, list[str]]


class ScanResponse(Schema):
    """A scan of the input directory."""

    status: Literal["scanning_started", "scanning_skipped_pipeline_busy"]
    message: str | None = None
    track_id: str


class ScanJobStatusResponse(Schema):
    """What has become of the files a scan found; times in seconds since 1970."""

    track_id: str
    status: Literal["running", "completed", "failed", "cancelled", "abandoned"]
    counts: dict[str, int] = {}
    counters_dropped: int = 0
    samples: dict[str, Any] = {}
    created_at: float
    updated_at: float
    version: int
    message: str = ""


class ReprocessResponse(Schema):
    """Failed documents were queued again."""

    status: Literal["reprocessing_started"]
    message: str
    track_id: str = ""


class CancelPipelineResponse(Schema):
    """Whether there was anything to cancel."""

    status: Literal["cancellation_requested", "not_busy"]
    message: str


class DeleteDocRequest(Schema):
    """Documents to delete, and what of them besides."""

    doc_ids: Annotated[list[str], AfterValidator(unique_ids)]
    delete_file: bool = False
    delete_llm_cache: bool = False


class DeleteDocByIdResponse(Schema):
    """`doc_id` holds all ids, joined by `, `."""

    status: Literal["deletion_started", "busy", "not_allowed"]
    message: str
    doc_id: str


class ClearDocumentsResponse(Schema):
    """What became of everything."""

    status: Literal["success", "partial_success", "busy", "fail"]
    message: str


class ClearCacheRequest(Schema):
    """1.4.4 clears by mode; without modes all of it goes."""

    modes: list[CacheMode] | None = None


class ClearCacheResponse(Schema):
    """What became of the cache."""

    status: Literal["success", "fail"]
    message: str


class SourceConflict(Schema):
    """Documents of one name: here there are none, a name is unique."""

    canonical_source_key: str
    candidate_count: int | None = None
    sample_doc_ids: list[str] = []


class SourceConflictListResponse(Schema):
    """All of them."""

    conflicts: list[SourceConflict] = []
    next_cursor: str | None = None


class SourceConflictRepairRequest(Schema):
    """Which of the documents of one name is to stay."""

    canonical_source_key: str = Field(min_length=1)
    primary_doc_id: str = Field(min_length=1)
    expected_candidate_count: int | None = Field(None, ge=0)
    expected_candidate_fingerprint: str | None = None
    dry_run: bool = True

    @model_validator(mode="after")
    def tokens_of_a_real_run(self) -> SourceConflictRepairRequest:
        """Both tokens are mandatory when dry_run is false."""
        tokens = (self.expected_candidate_count, self.expected_candidate_fingerprint)
        if not self.dry_run and None in tokens:
            raise ValueError(
                "expected_candidate_count and expected_candidate_fingerprint are "
                "required when dry_run is false"
            )
        return self


class SourceConflictRepairResponse(Schema):
    """Which document stayed; never answered, for there is nothing to repair."""

    canonical_source_key: str
    primary_doc_id: str
    candidate_count: int
    fingerprint: str
    demoted_sample_doc_ids: list[str] = []
    committed: bool


class ForceResetRecoveryRequest(Schema):
    """A person's word that the workspace is sound."""

    confirm: bool = False


class ForceResetRecoveryResponse(Schema):
    """There is never anything to reset: each job is one transaction."""

    status: Literal["reset", "no_recovery_required"]
    message: str
    cancelled_manual_retries: int = 0
