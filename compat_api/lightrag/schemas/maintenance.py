"""What keeps documents in order: deleting, trying again, stopping (docs/lightrag.md A.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, model_validator

CacheMode = Literal["default", "naive", "local", "global", "hybrid", "mix"]


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
