"""Admin of entities: search, edit, merge and delete."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.decorators import action, display

from documents.admin_kit import panels
from documents.admin_kit.panels import page_of, prose
from documents.admin_kit.translated_terms import lazily as _
from documents.admin_kit.write_admin import WritingAdmin
from graph.admin import cypher_page, duplicates_page, entity_panels, merge_page
from graph.admin.forms import EntityForm
from graph.curation import edit
from graph.errors import GraphError
from graph.models import Entity, EntityAlias, Relation


@admin.register(Entity)
class EntityAdmin(WritingAdmin):
    """Entities by degree, the highest first."""

    refusals = (GraphError,)
    form = EntityForm
    list_display = [
        "name",
        "entity_type",
        "summary_cell",
        "degree",
        "workspace",
        "edit_state",
    ]
    list_filter = ["workspace", "manual"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    search_help_text = _("Name or alias")
    ordering = ["-degree", "name"]
    actions = ["merge_selected"]
    warn_unsaved_form = True
    change_form_outer_after_template = panels.TEMPLATE

    def get_urls(self) -> list[URLPattern]:
        return [
            *cypher_page.urls(self),
            *duplicates_page.urls(self),
            *super().get_urls(),
        ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Entity | None = None
    ) -> list[str]:
        return ["workspace", "also_called"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Entity | None = None) -> Any:
        name = ["name", "also_called"] if obj else ["name"]
        return ["workspace", *name, "entity_type", "description"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Entity | None:
        """Prefetch the aliases, because the theme renders each field several times."""
        entity: Entity | None = super().get_object(request, object_id, from_field)
        prefetch_related_objects([entity] if entity else [], "aliases")
        return entity

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entity], search_term: str
    ) -> tuple[QuerySet[Entity], bool]:
        """Search a part of a name or alias, without a join that would need DISTINCT."""
        term = search_term.strip()
        if not term:
            return queryset, False
        aliased = EntityAlias.objects.filter(name__icontains=term).values("entity")
        return queryset.filter(Q(name__icontains=term) | Q(pk__in=aliased)), False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the first workspace, because most servers have only one."""
        field = Entity._meta.get_field("workspace")
        first = field.remote_field.model._default_manager.order_by("pk").first()
        return {"workspace": first, **super().get_changeform_initial_data(request)}

    def panel_context(self, obj: Entity) -> dict[str, Any]:
        return {"panels": entity_panels.of(obj)}

    def save_model(
        self,
        request: HttpRequest,
        obj: Entity,
        form: EntityForm,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        saved = self._edited(obj, form) if change else self._created(obj, form)
        obj.pk, obj.name = saved.pk, saved.name

    def _edited(self, entity: Entity, form: EntityForm) -> Entity:
        old_name = form.initial["name"]
        edited = edit.edit_entity(
            entity.workspace_id, old_name, form.changes(), allow_rename=True
        )
        return edited.entity

    def _created(self, entity: Entity, form: EntityForm) -> Entity:
        return edit.create_entity(entity.workspace_id, entity.name, form.changes())

    def delete_model(self, request: HttpRequest, obj: Entity) -> None:
        edit.delete_entity(obj.workspace_id, obj.name)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Entity]) -> None:
        for entity in queryset:
            edit.delete_entity(entity.workspace_id, entity.name)

    def deletion_counts(self, objs: list[Any]) -> dict[str, int]:
        """Return the numbers of entities and of their relations."""
        ends = Q(source__in=objs) | Q(target__in=objs)
        relations = Relation.objects.filter(ends).count()
        return {gettext("entities"): len(objs), gettext("relations"): relations}

    @action(description=_("Merge…"), permissions=["change"])
    def merge_selected(
        self, request: HttpRequest, entities: QuerySet[Entity]
    ) -> HttpResponse | None:
        return merge_page.show(self, request, entities)

    @display(description=_("Description"))
    def summary_cell(self, entity: Entity) -> SafeString:
        return prose(entity.description, 160)

    @display(description=_("Manual"), label={"created": "info", "edited": "primary"})
    def edit_state(self, entity: Entity) -> str:
        if entity.manual:
            return "created"
        return "edited" if entity.edited_description or entity.edited_type else ""

    @display(description=_("Also called"))
    def also_called(self, entity: Entity) -> SafeString:
        links = (
            (page_of("graph_entityalias", a.pk, a.name),) for a in entity.aliases.all()
        )
        return format_html_join(", ", "{}", links)
