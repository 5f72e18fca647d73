"""Table cells of documents, used in lists, on pages and in live updates.

They are built without templates, because a list has three hundred of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from documents.models import Document
from documents.queries import progress

SWAP = mark_safe(' hx-swap-oob="true"')
"""Marks an element as an update that htmx swaps into the element with the same id."""


def status(document: Document, swap: str = "") -> SafeString:
    """Return a coloured label of the status."""
    return format_html(
        '<span id="document-{}-status"{}><span class="badge badge-{}">{}</span></span>',
        document.pk,
        swap,
        document.status,
        document.get_status_display(),
    )


def chunks(document: Document, swap: str = "") -> SafeString:
    """Return a progress bar, and the number of extracted and of all chunks."""
    return format_html(
        '<span id="document-{}-chunks" class="progress-cell"{}>{}</span>',
        document.pk,
        swap,
        _bar(document) if document.chunks_count else "–",
    )


def _bar(document: Document) -> SafeString:
    done: int = document.chunks_done  # type: ignore[attr-defined]
    total = document.chunks_count
    percent = progress.percent(document)
    return format_html(
        '<progress value="{}" max="100" class="bar bar-{}" aria-label="{} %"></progress>'
        '<span class="progress-count">{}</span>',
        percent,
        document.status,
        percent,
        f"{total:,}" if done == total else f"{done:,} / {total:,}",
    )


def error(document: Document, swap: str = "") -> SafeString:
    """Return the beginning of the error, with all of it in a tooltip."""
    return format_html(
        '<span id="document-{}-error" class="error-cell" title="{}"{}>{}</span>',
        document.pk,
        document.error_msg,
        swap,
        Truncator(document.error_msg).chars(160),
    )


def updates(documents: Iterable[Document]) -> SafeString:
    """Return all cells of these documents as updates for htmx."""
    kinds = (status, chunks, error)
    return SafeString("".join(kind(d, SWAP) for d in documents for kind in kinds))
