"""Tags of documents: short words by which people sort them and questions are narrowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Func, Q

from documents.errors import BadTags, UnknownDocument
from documents.models import Document, Workspace
from documents.workspaces import audit, document_locks
from documents.workspaces.audit import Action

MAX_TAGS = 32
MAX_CHARS = 64


def clean(tags: Iterable[str]) -> list[str]:
    """The tags without white space around them, each once, sorted.

    Raises BadTags: too many, one too long, or one with a comma or a control character
    in it (a form parts tags by commas).
    """
    found = sorted({" ".join(tag.split()) for tag in tags} - {""})
    if len(found) > MAX_TAGS:
        raise BadTags(f"A document has at most {MAX_TAGS} tags.")
    for tag in found:
        if len(tag) > MAX_CHARS or "," in tag or not tag.isprintable():
            raise BadTags(f"{tag!r} is no tag: {BadTags.__doc__}")
    return found


def parted(text: str) -> list[str]:
    """The tags of a form's field, "tax, 2024". Raises BadTags."""
    return clean(text.split(","))


def put(workspace: Workspace, public_id: str, tags: Iterable[str]) -> list[str]:
    """Give a document these tags in place of those it had; returns them as kept.

    A new version of it that is still being read gets them too. Raises BadTags and
    UnknownDocument.
    """
    kept = clean(tags)
    named = Q(public_id=public_id) | Q(replaces__public_id=public_id)
    with transaction.atomic():
        meant = Document.objects.filter(named, workspace=workspace)
        if not document_locks.in_order(meant).update(tags=kept):
            raise UnknownDocument(f"There is no document '{public_id}'.")
        audit.record(
            Action.DOCUMENT_CHANGE, public_id, workspace_id=workspace.pk, tags=kept
        )
    return kept


def change(
    workspace: Workspace,
    public_ids: Sequence[str],
    *,
    add: Iterable[str],
    remove: Iterable[str],
) -> int:
    """Give and take tags of several documents at once; returns how many there were.

    Raises BadTags, and has then changed nothing. Three statements.
    """
    given, taken = set(clean(add)), set(remove)
    with transaction.atomic():
        rows = list(
            Document.objects.select_for_update()
            .filter(workspace=workspace, public_id__in=public_ids)
            .only("public_id", "tags")
            .order_by("pk")
        )
        for row in rows:
            row.tags = clean({*row.tags, *given} - taken)
        Document.objects.bulk_update(rows, ["tags"])
        changed = [row.public_id for row in rows]
        audit.record_many(Action.DOCUMENT_CHANGE, changed, workspace_id=workspace.pk)
    return len(rows)


def known(workspace: Workspace) -> list[str]:
    """All tags of the workspace's documents, sorted. One query."""
    rows = Document.objects.filter(workspace=workspace).exclude(tags=[])
    each = rows.annotate(tag=Func("tags", function="unnest")).order_by()
    return sorted(each.values_list("tag", flat=True).distinct())
