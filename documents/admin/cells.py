"""Cells of documents that refresh themselves: the same in lists, pages and updates."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from documents.admin import progress
from documents.models import Document, Status

CELLS = ("status", "progress", "error")


def cell(document: Document, kind: str, *, swap: bool = False) -> SafeString:
    """One cell, named `document-<id>-<kind>`; `swap` marks it as an update by htmx."""
    context = {
        "document": document,
        "swap": swap,
        "colour": progress.COLOURS[Status(document.status)],
        "percent": progress.percent(document),
        "unfinished": document.status in progress.UNFINISHED,
    }
    return render_to_string(f"admin/documents/cells/{kind}.html", context)


def updates(documents: Iterable[Document]) -> SafeString:
    """Every cell of these documents, for htmx to put where they belong."""
    parts = [cell(d, kind, swap=True) for d in documents for kind in CELLS]
    return mark_safe("".join(parts))  # noqa: S308 - rendered by our templates
