"""What stands on a relation's page beneath its fields."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from documents.admin_kit.panels import ROWS, Panel, page_of, prose
from graph.models import Relation, RelationMention


def mentions(relation: Relation) -> Panel:
    """What was said of it, by chunk, newest first; two queries."""
    found = relation.mentions.order_by("-pk").select_related("chunk__document")
    chunks = found.defer("chunk__content", "chunk__document__metadata")
    return Panel(
        title=_("Mentions"),
        headers=[
            _("Chunk"),
            _("Name in text"),
            _("Keywords"),
            _("Description"),
            _("Weight"),
        ],
        rows=[_mention(mention) for mention in chunks[:ROWS]],
        total=relation.mentions.count(),
        empty=_("No document mentions it."),
    )


def _mention(mention: RelationMention) -> Sequence[object]:
    chunk = mention.chunk
    place = f"{chunk.document.name} · {chunk.order + 1}"
    return [
        page_of("documents_chunk", chunk.pk, place),
        f"{mention.said_source} – {mention.said_target}",
        mention.keywords,
        prose(mention.description, 400),
        f"{mention.weight:g}",
    ]
