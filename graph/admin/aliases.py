"""Admin of aliases and mentions; separating an alias undoes a merge or a rename."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.decorators import action, display

from documents.admin_kit.lists import ReadOnlyAdmin
from documents.admin_kit.panels import page_of
from documents.admin_kit.translated_terms import lazily as _
from graph.curation import unmerge
from graph.models import EntityAlias, EntityMention

FIELDS = (
    "name",
    "of_entity",
    "workspace",
)


@admin.register(EntityAlias)
class EntityAliasAdmin(ReadOnlyAdmin):
    """Read-only list of aliases with an action that separates them."""

    list_display = ["name", "of_entity", "workspace"]
    list_filter = ["workspace"]
    list_select_related = ["entity", "workspace"]
    search_fields = ["name", "entity__name"]
    search_help_text = _("Alias or entity name")
    ordering = ["name"]
    actions = ["split_selected"]
    fields = FIELDS
    readonly_fields = FIELDS

    def has_split_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may change entities."""
        return request.user.has_perm("graph.change_entity")

    @action(description=_("Unmerge (undo merge or rename)"), permissions=["split"])
    def split_selected(
        self, request: HttpRequest, aliases: QuerySet[EntityAlias]
    ) -> None:
        for alias in list(aliases):
            entity = unmerge.split_entity(alias.workspace_id, alias.name)
            text = (
                gettext("“%(name)s” is a separate entity again.")
                if entity
                else gettext("“%(name)s” is no longer an alias. No chunk mentions it.")
            )
            self.message_user(request, text % {"name": alias.name}, messages.SUCCESS)

    @display(description=_("Entity"), ordering="entity__name")
    def of_entity(self, alias: EntityAlias) -> SafeString:
        return page_of("graph_entity", alias.entity_id, alias.entity.name)


@admin.register(EntityMention)
class EntityMentionAdmin(ReadOnlyAdmin):
    """Read-only list of mentions, linked from the pages of entities."""

    list_display = [
        "of_entity",
        "mentioned_name",
        "entity_type",
        "description",
        "in_chunk",
    ]
    list_display_links = None
    list_select_related = ["entity", "chunk__document"]
    search_fields = ["mentioned_name"]
    ordering = ["-id"]

    @display(description=_("Entity"))
    def of_entity(self, mention: EntityMention) -> SafeString:
        return page_of("graph_entity", mention.entity_id, mention.entity.name)

    @display(description=_("Chunk"))
    def in_chunk(self, mention: EntityMention) -> SafeString:
        chunk = mention.chunk
        title = f"{chunk.document.name} · {chunk.order + 1}"
        return page_of("documents_chunk", chunk.pk, title)
