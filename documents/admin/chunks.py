"""Admin pages of chunks, with the entities and relations extracted from each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.decorators import display

from documents.admin import chunk_search, document_panels
from documents.admin_kit import panels
from documents.admin_kit.lists import ReadOnlyAdmin
from documents.admin_kit.panels import Panel, page_of, prose
from documents.admin_kit.translated_terms import lazily as _
from documents.models import Chunk, Document, Workspace
from documents.queries import entity_highlight, progress
from graph.models import EntityMention, RelationMention

FIELDS = (
    "document_link",
    "heading",
    "pages",
    "tokens",
    "marked",
)

MAX_WORKSPACES = 100
"""Upper bound on the newest workspaces whose texts a search without a filter reads."""


@admin.register(Chunk)
class ChunkAdmin(ReadOnlyAdmin):
    """Chunks of all documents."""

    list_display = [
        "label",
        "text",
        "heading",
        "pages",
        "tokens",
        "entities",
        "relations",
    ]
    list_filter = ["workspace"]
    list_per_page = 50
    search_fields = ["document__name"]
    search_help_text = _("Words in the text, or part of the document's name")
    ordering = ["-document_id", "order"]
    fields = FIELDS
    readonly_fields = FIELDS
    change_form_outer_after_template = panels.TEMPLATE

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chunk]:
        return progress.with_mention_counts(
            super().get_queryset(request).select_related("document")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Chunk], search_term: str
    ) -> tuple[QuerySet[Chunk], bool]:
        """Search the text of chunks and the names of documents."""
        term = search_term.strip()
        if not term:
            return queryset, False
        workspace_id = request.GET.get("workspace__id__exact", "")
        workspaces = (
            Workspace.objects.filter(pk=workspace_id)
            if workspace_id
            else Workspace.objects.order_by("-pk")[:MAX_WORKSPACES]
        )
        matches = chunk_search.find(list(workspaces.values_list("pk", flat=True)), term)
        named = Document.objects.filter(name__icontains=term).values("pk")
        return queryset.filter(Q(pk__in=matches) | Q(document__in=named)), False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Chunk | None:
        """Return the chunk with its mentions: the theme renders each field several times."""
        chunk: Chunk | None = super().get_object(request, object_id, from_field)
        mentions = ["entity_mentions__entity", "relation_mentions"]
        prefetch_related_objects([chunk] if chunk else [], *mentions)
        return chunk

    def panel_context(self, obj: Chunk) -> dict[str, Any]:
        return {"panels": [entities_panel(obj), relations_panel(obj)]}

    @display(description=_("Chunk"), ordering="document_id")
    def label(self, chunk: Chunk) -> str:
        return str(chunk)

    @display(description=_("Text"))
    def text(self, chunk: Chunk) -> SafeString:
        return prose(chunk.content, 160)

    @display(description=_("Headings"))
    def heading(self, chunk: Chunk) -> str:
        return " › ".join(chunk.headings)

    @display(description=_("Page"), ordering="page_first")
    def pages(self, chunk: Chunk) -> str:
        return document_panels.pages(chunk)

    @display(description=_("Entities"))
    def entities(self, chunk: Chunk) -> int:
        return int(chunk.entities)  # type: ignore[attr-defined]

    @display(description=_("Relations"))
    def relations(self, chunk: Chunk) -> int:
        return int(chunk.relations)  # type: ignore[attr-defined]

    @display(description=_("Document"))
    def document_link(self, chunk: Chunk) -> SafeString:
        return page_of("documents_document", chunk.document_id, chunk.document.name)

    @display(description=_("Text"))
    def marked(self, chunk: Chunk) -> SafeString:
        names = {
            m.mentioned_name: reverse("admin:graph_entity_change", args=[m.entity_id])
            for m in chunk.entity_mentions.all()
        }
        return format_html(
            '<div class="chunk-text" tabindex="0">{}</div>',
            entity_highlight.highlight(chunk.content, names),
        )


def entities_panel(chunk: Chunk) -> Panel:
    """Return the entities mentioned in the chunk, those with most relations first."""
    mentions = sorted(chunk.entity_mentions.all(), key=lambda m: -m.entity.degree)
    rows = [_entity(mention) for mention in mentions]
    headers = [
        gettext("Entity"),
        gettext("Type"),
        gettext("Description in this chunk"),
    ]
    return Panel(
        gettext("Entities"),
        headers,
        rows,
        len(rows),
        empty=gettext("No entities."),
    )


def _entity(mention: EntityMention) -> Sequence[object]:
    return [
        page_of("graph_entity", mention.entity_id, mention.entity.name),
        mention.entity_type,
        prose(mention.description, 600),
    ]


def relations_panel(chunk: Chunk) -> Panel:
    """Return the relations mentioned in the chunk, sorted by weight."""
    mentions = sorted(chunk.relation_mentions.all(), key=lambda m: -m.weight)
    rows = [_relation(mention) for mention in mentions]
    headers = [
        gettext("Relation"),
        gettext("Keywords"),
        gettext("Description in this chunk"),
        gettext("Weight"),
    ]
    return Panel(
        gettext("Relations"),
        headers,
        rows,
        len(rows),
        empty=gettext("No relations."),
    )


def _relation(mention: RelationMention) -> Sequence[object]:
    ends = f"{mention.mentioned_source} – {mention.mentioned_target}"
    return [
        page_of("graph_relation", mention.relation_id, ends),
        mention.keywords,
        prose(mention.description, 600),
        f"{mention.weight:g}",
    ]
