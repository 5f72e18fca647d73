"""Panels below the fields on a relation's page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from documents.admin_kit.panels import ROWS, Panel, page_of, prose
from graph.models import Relation, RelationMention


def mentions(relation: Relation) -> Panel:
    """Return the newest mentions. Two queries."""
    newest = relation.mentions.order_by("-pk").select_related("chunk__document")
    listed = newest.defer("chunk__content", "chunk__document__metadata")
    return Panel(
        title=_("Mentions"),
        headers=[
            _("Chunk"),
            _("Name in text"),
            _("Keywords"),
            _("Description"),
            _("Weight"),
        ],
        rows=[_mention(mention) for mention in listed[:ROWS]],
        total=relation.mentions.count(),
        empty=_("No document mentions it."),
    )


def _mention(mention: RelationMention) -> Sequence[object]:
    chunk = mention.chunk
    title = f"{chunk.document.name} · {chunk.order + 1}"
    return [
        page_of("documents_chunk", chunk.pk, title),
        f"{mention.mentioned_source} – {mention.mentioned_target}",
        mention.keywords,
        prose(mention.description, 400),
        f"{mention.weight:g}",
    ]
