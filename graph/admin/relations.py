"""Admin of relations: search, create, edit and delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin_kit import panels
from documents.admin_kit.panels import page_of, prose
from documents.admin_kit.translated_terms import lazily as _
from documents.admin_kit.write_admin import WritingAdmin
from graph.admin import relation_panels
from graph.admin.forms import RelationForm
from graph.curation import edit
from graph.errors import GraphError
from graph.models import Entity, Relation


class OfEntityFilter(admin.SimpleListFilter):
    """Filter of the relations of one entity, linked from its page."""

    title = _("entity")
    parameter_name = "entity"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        value = request.GET.get("entity", "")
        is_key = value.isdecimal() and len(value) < 19
        entities = Entity.objects.filter(pk=value) if is_key else []
        return [(str(entity.pk), entity.name) for entity in entities]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Relation]
    ) -> QuerySet[Relation]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(Q(source=value) | Q(target=value))


@admin.register(Relation)
class RelationAdmin(WritingAdmin):
    """Relations, the newest first."""

    refusals = (GraphError,)
    form = RelationForm
    list_display = ["label", "keywords_cell", "summary_cell", "weight", "workspace"]
    list_filter = ["workspace", "manual", OfEntityFilter]
    search_fields = ["source__name", "target__name", "keywords"]
    search_help_text = _("Name of an entity, or keyword")
    ordering = ["-id"]
    autocomplete_fields = ["source", "target"]
    warn_unsaved_form = True
    change_form_outer_after_template = panels.TEMPLATE

    def get_queryset(self, request: HttpRequest) -> QuerySet[Relation]:
        relations: QuerySet[Relation] = super().get_queryset(request)
        return relations.select_related("source", "target", "workspace")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Relation | None = None
    ) -> list[str]:
        return ["source_link", "target_link"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Relation | None = None) -> Any:
        ends = ["source_link", "target_link"] if obj else ["source", "target"]
        return [*ends, "description", "keywords", "weight"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Relation], search_term: str
    ) -> tuple[QuerySet[Relation], bool]:
        """Search a part of an end's name or of the keywords."""
        term = search_term.strip()
        if not term:
            return queryset, False
        named = Entity.objects.filter(name__icontains=term).values("pk")
        words = Q(source__in=named) | Q(target__in=named) | Q(keywords__icontains=term)
        return queryset.filter(words), False

    def panel_context(self, obj: Relation) -> dict[str, Any]:
        return {"panels": [relation_panels.mentions(obj)]}

    def save_model(
        self,
        request: HttpRequest,
        obj: Relation,
        form: RelationForm,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        ends = (obj.source.workspace_id, obj.source.name, obj.target.name)
        if change:
            edit.edit_relation(*ends, form.changes())
        else:
            obj.pk = edit.create_relation(*ends, form.changes()).pk

    def delete_model(self, request: HttpRequest, obj: Relation) -> None:
        edit.delete_relation(obj.workspace_id, obj.source.name, obj.target.name)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Relation]
    ) -> None:
        for relation in queryset:
            self.delete_model(request, relation)

    @display(description=_("Relation"))
    def label(self, relation: Relation) -> str:
        return str(relation)

    @display(description=_("Keywords"))
    def keywords_cell(self, relation: Relation) -> SafeString:
        return prose(relation.keywords, 80)

    @display(description=_("Description"))
    def summary_cell(self, relation: Relation) -> SafeString:
        return prose(relation.description, 160)

    @display(description=_("From"))
    def source_link(self, relation: Relation) -> SafeString:
        return page_of("graph_entity", relation.source_id, relation.source.name)

    @display(description=_("To"))
    def target_link(self, relation: Relation) -> SafeString:
        return page_of("graph_entity", relation.target_id, relation.target.name)
