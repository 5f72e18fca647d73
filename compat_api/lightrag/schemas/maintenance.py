"""Requests and responses of deletion, retry and cancellation (docs/lightrag.md A.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, model_validator

CacheMode = Literal["default", "naive", "local", "global", "hybrid", "mix"]


def unique_ids(ids: list[str]) -> list[str]:
    """Return the ids stripped; raise ValueError if none, a blank or a repeated one."""
    stripped = [document_id.strip() for document_id in ids]
    if not stripped:
        raise ValueError("Document IDs list cannot be empty")
    if not all(stripped):
        raise ValueError("Document ID cannot be empty")
    if len(set(stripped)) < len(stripped):
        raise ValueError("Document IDs must be unique")
    return stripped


class ReprocessResponse(Schema):
    """The failed documents were queued again."""

    status: Literal["reprocessing_started"]
    message: str
    track_id: str = ""


class CancelPipelineResponse(Schema):
    """Whether there were documents to cancel."""

    status: Literal["cancellation_requested", "not_busy"]
    message: str


class DeleteDocRequest(Schema):
    """Documents to delete, optionally with their files and cached answers."""

    doc_ids: Annotated[list[str], AfterValidator(unique_ids)]
    delete_file: bool = False
    delete_llm_cache: bool = False


class DeleteDocByIdResponse(Schema):
    """The result of a deletion; `doc_id` contains all ids, joined by `, `."""

    status: Literal["deletion_started", "busy", "not_allowed"]
    message: str
    doc_id: str


class ClearCacheRequest(Schema):
    """The modes whose cached answers to clear, as in LightRAG 1.4.4; all if omitted."""

    modes: list[CacheMode] | None = None


class ClearCacheResponse(Schema):
    """The result of clearing the cache."""

    status: Literal["success", "fail"]
    message: str


class SourceConflict(Schema):
    """Documents that share a name. Never returned: a name is unique in a workspace."""

    canonical_source_key: str
    candidate_count: int | None = None
    sample_doc_ids: list[str] = []


class SourceConflictListResponse(Schema):
    """All conflicts."""

    conflicts: list[SourceConflict] = []
    next_cursor: str | None = None


class SourceConflictRepairRequest(Schema):
    """The document to keep, of those with the same name."""

    canonical_source_key: str = Field(min_length=1)
    primary_doc_id: str = Field(min_length=1)
    expected_candidate_count: int | None = Field(None, ge=0)
    expected_candidate_fingerprint: str | None = None
    dry_run: bool = True

    @model_validator(mode="after")
    def tokens_of_a_real_run(self) -> SourceConflictRepairRequest:
        """Require both tokens when dry_run is false."""
        tokens = (self.expected_candidate_count, self.expected_candidate_fingerprint)
        if not self.dry_run and None in tokens:
            raise ValueError(
                "expected_candidate_count and expected_candidate_fingerprint are "
                "required when dry_run is false"
            )
        return self


class SourceConflictRepairResponse(Schema):
    """The document that was kept. Never returned: there are no conflicts."""

    canonical_source_key: str
    primary_doc_id: str
    candidate_count: int
    fingerprint: str
    demoted_sample_doc_ids: list[str] = []
    committed: bool


class ForceResetRecoveryRequest(Schema):
    """The caller's confirmation."""

    confirm: bool = False


class ForceResetRecoveryResponse(Schema):
    """The result of a reset. There is never anything to reset."""

    status: Literal["reset", "no_recovery_required"]
    message: str
    cancelled_manual_retries: int = 0
