"""Tags of documents: short words by which questions and lists are filtered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Func, Q

from documents.errors import InvalidTags, UnknownDocument
from documents.models import Document, Workspace
from documents.workspaces import audit, locks
from documents.workspaces.audit import Action

MAX_TAGS = 32
"""Upper bound on the tags of one document."""
MAX_CHARS = 64
"""Upper bound on the characters of one tag."""


def clean(tags: Iterable[str]) -> list[str]:
    """Return the tags sorted, without duplicates and superfluous white space.

    Raises InvalidTags if there are too many, or if one is too long or contains a comma or
    a control character. Forms separate tags by commas.
    """
    cleaned = sorted({" ".join(tag.split()) for tag in tags} - {""})
    if len(cleaned) > MAX_TAGS:
        raise InvalidTags(f"A document has at most {MAX_TAGS} tags.")
    for tag in cleaned:
        if len(tag) > MAX_CHARS or "," in tag or not tag.isprintable():
            raise InvalidTags(f"Invalid tag {tag!r}: {InvalidTags.__doc__}")
    return cleaned


def split(text: str) -> list[str]:
    """Return the tags of a comma-separated form field. Raises InvalidTags."""
    return clean(text.split(","))


def set_tags(workspace: Workspace, public_id: str, tags: Iterable[str]) -> list[str]:
    """Replace the tags of a document, and return them as stored.

    An unfinished new version of the document gets them too. Raises InvalidTags and
    UnknownDocument.
    """
    cleaned = clean(tags)
    rows = Document.objects.filter(
        Q(public_id=public_id) | Q(replaces__public_id=public_id), workspace=workspace
    )
    with transaction.atomic():
        if not locks.documents_in_order(rows).update(tags=cleaned):
            raise UnknownDocument(f"Document not found: {public_id}.")
        audit.record(
            Action.DOCUMENT_CHANGE, public_id, workspace_id=workspace.pk, tags=cleaned
        )
    return cleaned


def change_tags(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    add: Iterable[str],
    remove: Iterable[str],
) -> int:
    """Add and remove tags of several documents, and return the number of documents.

    Raises InvalidTags, and has then changed nothing. Three statements.
    """
    added, removed = set(clean(add)), set(remove)
    with transaction.atomic():
        rows = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace, public_id__in=public_ids)
            .only("public_id", "tags")
            .order_by("pk")
        )
        for row in rows:
            row.tags = clean({*row.tags, *added} - removed)
        Document.objects.bulk_update(rows, ["tags"])
        changed = [row.public_id for row in rows]
        audit.record_many(Action.DOCUMENT_CHANGE, changed, workspace_id=workspace.pk)
    return len(rows)


def all_tags(workspace: Workspace) -> list[str]:
    """Return all tags of the workspace's documents, sorted. One query."""
    documents = Document.objects.filter(workspace=workspace).exclude(tags=[])
    tags = documents.annotate(tag=Func("tags", function="unnest")).order_by()
    return sorted(tags.values_list("tag", flat=True).distinct())
