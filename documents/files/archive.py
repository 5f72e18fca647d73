"""Files of processed documents move to `__parsed__/`, as upstream moves them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, Value, When

from documents.errors import MissingFile
from documents.files import file_storage
from documents.models import Document
from documents.workspaces import document_locks

logger = logging.getLogger(__name__)


def archive(documents: Sequence[Document]) -> None:
    """Move the files that these documents came from; nothing there is overwritten.

    A file that cannot be moved stays where it is: scans know it either way.
    """
    moved = [document for document in documents if moves(document)]
    if moved:
        keep_paths(moved)


def keep_paths(documents: Sequence[Document]) -> None:
    ids = [document.pk for document in documents]
    with transaction.atomic():
        document_locks.in_order(Document.objects.filter(pk__in=ids)).update(
            source_path=Case(
                *(When(pk=one.pk, then=Value(one.source_path)) for one in documents)
            )
        )


def moves(document: Document) -> bool:
    try:
        path = file_storage.archive(document)
    except (OSError, MissingFile) as error:
        logger.warning("%s stays in the input folder: %s", document.name, error)
        return False
    before, document.source_path = document.source_path, path
    return path != before
