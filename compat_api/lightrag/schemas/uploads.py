"""Requests and responses of uploads, new versions and scans (docs/lightrag.md A.2)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from compat_api.lightrag.schemas.chunking import TextChunkingConfig
from documents.errors import InvalidName
from documents.files import file_names
from documents.intake.new_documents import IngestOptions

InsertStatus = Literal["success", "duplicated", "partial_success", "failure"]


def usable_source(name: str) -> str:
    """Return the source; raise ValueError unless it can be a file name."""
    try:
        file_names.check_source(name)
    except InvalidName as error:
        raise ValueError(str(error)) from None
    return name


def not_blank(text: str) -> str:
    """Return the text without surrounding white space; raise ValueError if blank."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("text cannot be empty or whitespace-only")
    return stripped


Source = Annotated[str, AfterValidator(usable_source)]
Text = Annotated[str, Field(min_length=1), AfterValidator(not_blank)]


class WithIngestOptions(Schema):
    """Options of a text. Without tags, a new version keeps the old tags."""

    chunking: TextChunkingConfig | None = None
    tags: list[str] | None = None

    def ingest_options(self) -> IngestOptions:
        """Return the options for documents.intake.uploads."""
        return IngestOptions(
            self.chunking.options() if self.chunking else None, self.tags
        )


class InsertTextRequest(WithIngestOptions):
    """One text, and the name under which it is cited."""

    text: Text
    file_source: Source | None = None
    replace: bool = False


class InsertTextsRequest(WithIngestOptions):
    """Several texts, with one name for each."""

    texts: list[Text] = Field(min_length=1)
    file_sources: list[Source] | None = None
    replace: bool = False


class ReplaceRequest(WithIngestOptions):
    """The new text of a document."""

    text: Text


class TagsRequest(Schema):
    """All tags of a document."""

    tags: list[str]


class InsertResponse(Schema):
    """The result of an upload; `track_id` identifies the documents that it created."""

    status: InsertStatus
    message: str
    track_id: str


class ScanResponse(Schema):
    """A scan of the input folder."""

    status: Literal["scanning_started", "scanning_skipped_pipeline_busy"]
    message: str | None = None
    track_id: str


class ScanJobStatusResponse(Schema):
    """The result of a scan; times are in seconds since 1970."""

    track_id: str
    status: Literal["running", "completed", "failed", "cancelled", "abandoned"]
    counts: dict[str, int] = {}
    counters_dropped: int = 0
    samples: dict[str, Any] = {}
    created_at: float
    updated_at: float
    version: int
    message: str = ""
