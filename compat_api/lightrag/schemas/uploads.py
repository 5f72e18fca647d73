"""What is handed in: files, texts, new versions, what a scan finds (docs/lightrag.md A.2)."""

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
    """A source is shown to people and becomes a file's name."""
    try:
        file_names.check_source(name)
    except InvalidName as error:
        raise ValueError(str(error)) from None
    return name


def not_blank(text: str) -> str:
    """What is left without the white space around it."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("text cannot be empty or whitespace-only")
    return stripped


Source = Annotated[str, AfterValidator(usable_source)]
Text = Annotated[str, Field(min_length=1), AfterValidator(not_blank)]


class WithWishes(Schema):
    """What may be asked for with a text; without tags a new version keeps the old ones."""

    chunking: TextChunkingConfig | None = None
    tags: list[str] | None = None

    def ingest_options(self) -> IngestOptions:
        """The same for documents.intake.uploads."""
        return IngestOptions(
            self.chunking.options() if self.chunking else None, self.tags
        )


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
