"""`/documents`, handed in: files, texts, and what lies in the input folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router, UploadedFile
from ninja.errors import HttpError

from compat_api.auth import workspace_access
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
from documents.intake import scan_tasks, track_ids, uploads
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
"""Upstream's buckets of files, and what scanning calls what goes into them."""
CONTINUES = "Processing will continue in background."


@router.post("/documents/upload", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.UPLOAD)
def upload(
    request: HttpRequest,
    file: File[UploadedFile],
    replace: Form[bool] = False,  # noqa: FBT002 - a form's field
    tags: Form[list[str] | None] = None,
) -> dict[str, Any]:
    """Take a file; a name that is there already is answered `duplicated`.

    With `replace` it becomes the new version of that document, which answers until the
    new one is read. `tags` may be given several times, or parted by commas.
    """
    wanted = None if tags is None else intake_tags.split(",".join(tags))
    accepted = uploads.accept_file(
        workspace_access.workspace(request),
        file.name or "",
        file.chunks(),
        track_id=track_ids.make("upload"),
        options=IngestOptions(tags=wanted),
        replace=replace,
    )
    name = accepted.document.name
    if accepted.duplicate:
        return {
            "status": "duplicated",
            "message": f"File '{name}' already exists in the input directory.",
            "track_id": accepted.document.track_id,
        }
    message = f"File '{name}' uploaded successfully. {what_follows()}"
    return inserted(message, accepted.document.track_id)


@router.post("/documents/text", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def insert_text(request: HttpRequest, body: InsertTextRequest) -> dict[str, Any]:
    """Take one text."""
    track_id = track_ids.make("insert")
    uploads.accept_texts(
        workspace_access.workspace(request),
        [uploads.TextItem(body.text, body.file_source or None)],
        track_id=track_id,
        options=body.ingest_options(),
        replace=body.replace,
    )
    return inserted(f"Text successfully received. {what_follows()}", track_id)


@router.post("/documents/texts", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def insert_texts(request: HttpRequest, body: InsertTextsRequest) -> dict[str, Any]:
    """Take several texts, all of them or none."""
    check_number(body.texts)
    names = body.file_sources or [""] * len(body.texts)
    if len(names) != len(body.texts):
        raise HttpError(400, "A valid file_source is required for each text")
    track_id = track_ids.make("insert")
    uploads.accept_texts(
        workspace_access.workspace(request),
        [
            uploads.TextItem(text, name or None)
            for text, name in zip(body.texts, names, strict=True)
        ],
        track_id=track_id,
        options=body.ingest_options(),
        replace=body.replace,
    )
    return inserted(f"Texts successfully received. {what_follows()}", track_id)


@router.post("/documents/scan", auth=WRITE, response=ScanResponse)
def scan(request: HttpRequest) -> dict[str, Any]:
    """Look for new files in the input folder, also while documents are processed."""
    return {
        "status": "scanning_started",
        "message": "Scanning process has been initiated in the background",
        "track_id": scan_tasks.start(workspace_access.workspace(request)),
    }


@router.get(
    "/documents/scan/status/{track_id}", auth=READ, response=ScanJobStatusResponse
)
def scan_status(request: HttpRequest, track_id: str) -> dict[str, Any]:
    """What a scan has found, once it is completed."""
    job = scan_tasks.get(workspace_access.workspace(request), track_id)
    return {
        "track_id": job.track_id,
        "status": job.state,
        "counts": {"discovered": sum(job.counts.values())} | job.counts,
        "samples": {kind: untold(job, kind) for kind in SAMPLES},
        "created_at": job.started.timestamp(),
        "updated_at": job.updated.timestamp(),
        "version": job.events,
        "message": job.message,
    }


def untold(job: ScanJob, kind: str) -> dict[str, Any]:
    """A bucket of upstream's samples: how many there are, for names are not kept."""
    number = sum(job.counts.get(one, 0) for one in SAMPLES[kind])
    return {"items": [], "truncated": number > 0, "dropped": number}


@router.put("/documents/{document_id}/tags", auth=WRITE, response=TagsRequest)
def tag_document(
    request: HttpRequest, document_id: str, body: TagsRequest
) -> dict[str, Any]:
    """Give a document these tags in place of those it had."""
    return {
        "tags": intake_tags.set_tags(
            workspace_access.workspace(request), document_id, body.tags
        )
    }


@router.put("/documents/{document_id}", auth=WRITE, response=InsertResponse)
@body_limit(BodyLimit.TEXT)
def replace_document(
    request: HttpRequest, document_id: str, body: ReplaceRequest
) -> dict[str, Any]:
    """Give a document a new text; only the chunks that changed are read again."""
    track_id = track_ids.make("insert")
    uploads.replace_text(
        workspace_access.workspace(request),
        document_id,
        body.text,
        track_id=track_id,
        options=body.ingest_options(),
    )
    return inserted(f"Text successfully received. {what_follows()}", track_id)


def check_number(texts: Sequence[str]) -> None:
    """Raises 413 over MAX_TEXTS_PER_REQUEST."""
    most = settings.LIGHTRAG.server.max_texts_per_request
    if most and len(texts) > most:
        raise HttpError(413, f"Too many texts: {len(texts)}. At most {most} a request.")


def what_follows() -> str:
    """That it is read now, or why it is not."""
    return workers.missing_message() or CONTINUES


def inserted(message: str, track_id: str) -> dict[str, Any]:
    """The answer to what was taken."""
    return {"status": "success", "message": message, "track_id": track_id}
