"""`/documents`: uploads of files and texts, scans of the input folder, tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, UploadedFile
from ninja.errors import HttpError

from compat_api.auth import callers
from compat_api.auth.permissions import READ, WRITE
from compat_api.http.body_limit import BodyLimit, body_limit
from compat_api.lightrag.schemas.uploads import (
    InsertResponse,
    InsertTextRequest,
    InsertTextsRequest,
    ReplaceRequest,
    ScanJobStatusResponse,
    ScanResponse,
    TagsRequest,
)
from documents.intake import new_documents, scan_tasks, uploads
from documents.intake import tags as intake_tags
from documents.intake.new_documents import IngestOptions
from documents.intake.scan_tasks import ScanJob
from documents.workspaces import workers

router = Router(tags=["documents"])
SAMPLES = {
    "processed": ("new", "replaced"),
    "warning": ("changed", "duplicate", "unfinished"),
    "error": ("unsupported", "refused"),
}
"""LightRAG's groups of scanned files, each with the scan counts that belong to it."""
CONTINUES = "Processing will continue in background."


@router.post("/documents/upload", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.UPLOAD)
def upload(
    request: HttpRequest,
    file: File[UploadedFile],
    replace: Form[bool] = False,  # noqa: FBT002 - a form's field
    tags: Form[list[str] | None] = None,
    path: Form[str] = "",
) -> dict[str, Any]:
    """Store a file for processing. An existing name gets the status `duplicated`.

    `path` is the file's path in an uploaded folder, such as `2024/report.pdf`. It becomes
    the name of the document, so that equal names in different folders do not collide.
    With `replace` the file becomes a new version of that document; the old version is
    used for answers until the new one is processed. `tags` may be repeated or separated
    by commas.
    """
    tag_list = None if tags is None else intake_tags.split(",".join(tags))
    accepted = uploads.accept_file(
        callers.workspace(request),
        path or file.name or "",
        file.chunks(),
        track_id=new_documents.track_id("upload"),
        options=IngestOptions(tags=tag_list),
        replace=replace,
        folders=bool(path),
    )
    name = accepted.document.name
    if accepted.duplicate:
        return {
            "status": "duplicated",
            "message": f"File '{name}' already exists in the input directory.",
            "track_id": accepted.document.track_id,
        }
    message = f"File '{name}' uploaded successfully. {next_step()}"
    return insert_response(message, accepted.document.track_id)


@router.post("/documents/text", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def insert_text(request: HttpRequest, body: InsertTextRequest) -> dict[str, Any]:
    """Store one text for processing."""
    track_id = new_documents.track_id("insert")
    uploads.accept_texts(
        callers.workspace(request),
        [uploads.TextItem(body.text, body.file_source or None)],
        track_id=track_id,
        options=body.ingest_options(),
        replace=body.replace,
    )
    return insert_response(f"Text successfully received. {next_step()}", track_id)


@router.post("/documents/texts", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def insert_texts(request: HttpRequest, body: InsertTextsRequest) -> dict[str, Any]:
    """Store several texts for processing, all of them or none."""
    check_count(body.texts)
    names = body.file_sources or [""] * len(body.texts)
    if len(names) != len(body.texts):
        raise HttpError(400, "A valid file_source is required for each text")
    track_id = new_documents.track_id("insert")
    uploads.accept_texts(
        callers.workspace(request),
        [
            uploads.TextItem(text, name or None)
            for text, name in zip(body.texts, names, strict=True)
        ],
        track_id=track_id,
        options=body.ingest_options(),
        replace=body.replace,
    )
    return insert_response(f"Texts successfully received. {next_step()}", track_id)


@router.post("/documents/scan", auth=WRITE, response=ScanResponse)
def scan(request: HttpRequest) -> dict[str, Any]:
    """Start a scan of the input folder. It may run while documents are processed."""
    return {
        "status": "scanning_started",
        "message": "Scanning process has been initiated in the background",
        "track_id": scan_tasks.start(callers.workspace(request)),
    }


@router.get(
    "/documents/scan/status/{track_id}", auth=READ, response=ScanJobStatusResponse
)
def scan_status(request: HttpRequest, track_id: str) -> dict[str, Any]:
    """Return what a scan found. The counts are complete when the scan has ended."""
    job = scan_tasks.get(callers.workspace(request), track_id)
    return {
        "track_id": job.track_id,
        "status": job.state,
        "counts": {"discovered": sum(job.counts.values())} | job.counts,
        "samples": {kind: sample(job, kind) for kind in SAMPLES},
        "created_at": job.started.timestamp(),
        "updated_at": job.updated.timestamp(),
        "version": job.events,
        "message": job.message,
    }


def sample(job: ScanJob, kind: str) -> dict[str, Any]:
    """Return a group of scanned files in LightRAG's format: its size, without names."""
    number = sum(job.counts.get(name, 0) for name in SAMPLES[kind])
    return {"items": [], "truncated": number > 0, "dropped": number}


@router.put("/documents/{document_id}/tags", auth=WRITE, response=TagsRequest)
def tag_document(
    request: HttpRequest, document_id: str, body: TagsRequest
) -> dict[str, Any]:
    """Replace the tags of a document."""
    return {
        "tags": intake_tags.set_tags(callers.workspace(request), document_id, body.tags)
    }


@router.put("/documents/{document_id}", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def replace_document(
    request: HttpRequest, document_id: str, body: ReplaceRequest
) -> dict[str, Any]:
    """Replace the text of a document; only the changed chunks are extracted again."""
    track_id = new_documents.track_id("insert")
    uploads.replace_text(
        callers.workspace(request),
        document_id,
        body.text,
        track_id=track_id,
        options=body.ingest_options(),
    )
    return insert_response(f"Text successfully received. {next_step()}", track_id)


def check_count(texts: Sequence[str]) -> None:
    """Raise 413 for more texts than MAX_TEXTS_PER_REQUEST."""
    limit = settings.LIGHTRAG.server.max_texts_per_request
    if limit and len(texts) > limit:
        raise HttpError(
            413, f"Too many texts: {len(texts)}. At most {limit} per request."
        )


def next_step() -> str:
    """Return a message that processing continues, or why it can't."""
    return workers.missing_message() or CONTINUES


def insert_response(message: str, track_id: str) -> dict[str, Any]:
    """Return the response to accepted texts or files."""
    return {"status": "success", "message": message, "track_id": track_id}
