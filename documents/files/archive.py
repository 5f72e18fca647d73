"""The archive: files of processed documents are moved to `__parsed__/`, as in LightRAG."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, Value, When

from documents.errors import MissingFile
from documents.files import file_storage
from documents.models import Document
from documents.workspaces import locks

logger = logging.getLogger(__name__)


def archive(documents: Sequence[Document]) -> None:
    """Move the files of these documents to the archive, without overwriting any file.

    A file that can't be moved stays in the input folder, where scans recognize it.
    """
    moved = [document for document in documents if _move(document)]
    if moved:
        _save_paths(moved)


def _save_paths(documents: Sequence[Document]) -> None:
    ids = [document.pk for document in documents]
    with transaction.atomic():
        locks.documents_in_order(Document.objects.filter(pk__in=ids)).update(
            source_path=Case(
                *(When(pk=row.pk, then=Value(row.source_path)) for row in documents)
            )
        )


def _move(document: Document) -> bool:
    """Move the file and set `source_path`; return whether the path changed."""
    try:
        path = file_storage.archive(document)
    except (OSError, MissingFile) as error:
        logger.warning("%s stays in the input folder: %s", document.name, error)
        return False
    before, document.source_path = document.source_path, path
    return path != before
