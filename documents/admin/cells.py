"""Cells of documents that refresh themselves: the same in lists, pages and updates.

They are plain markup, for a list has three hundred of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from documents.models import Document
from documents.queries import progress

SWAP = mark_safe(' hx-swap-oob="true"')
"""Marks an element as an update that htmx puts where its id stands."""


def status(document: Document, swap: str = "") -> SafeString:
    """A coloured label."""
    return format_html(
        '<span id="document-{}-status"{}><span class="badge badge-{}">{}</span></span>',
        document.pk,
        swap,
        document.status,
        document.get_status_display(),
    )


def chunks(document: Document, swap: str = "") -> SafeString:
    """A bar, and how many chunks are done of how many."""
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
    """The error's beginning, the whole of it as a tooltip."""
    return format_html(
        '<span id="document-{}-error" class="error-cell" title="{}"{}>{}</span>',
        document.pk,
        document.error_msg,
        swap,
        Truncator(document.error_msg).chars(160),
    )


def updates(documents: Iterable[Document]) -> SafeString:
    """Every cell of these documents, for htmx to put where they belong."""
    kinds = (status, chunks, error)
    return SafeString("".join(kind(d, SWAP) for d in documents for kind in kinds))
