"""Admin pages of workspaces: create, rename, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.decorators import display

from documents.admin.forms import NewWorkspaceForm
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _
from documents.admin_kit.write_admin import WritingAdmin
from documents.errors import DocumentError
from documents.lifecycle import workspace_lifecycle
from documents.lifecycle.workspace_lifecycle import WorkspaceError
from documents.models import Document, Workspace
from documents.workspaces.lookup import UnknownWorkspace
from graph.models import Entity, Relation


@admin.register(Workspace)
class WorkspaceAdmin(WritingAdmin):
    """All workspaces of this server."""

    list_display = [
        "name",
        "documents_count",
        "embedding_model",
        "embedding_dimensions",
        "version",
        "created",
    ]
    search_fields = ["name"]
    ordering = ["name"]
    form = NewWorkspaceForm
    refusals = (WorkspaceError, UnknownWorkspace, DocumentError)
    readonly_fields = (
        "embedding_model",
        "embedding_dimensions",
        "version",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        counts = (
            Document.objects.filter(workspace=OuterRef("pk"))
            .order_by()
            .values("workspace")
            .annotate(n=Count("pk"))
            .values("n")
        )
        count = Coalesce(Subquery(counts), Value(0), output_field=IntegerField())
        rows: QuerySet[Workspace] = super().get_queryset(request)
        return rows.annotate(documents_count=count)

    def get_fields(self, request: HttpRequest, obj: Workspace | None = None) -> Any:
        return ["name", *self.readonly_fields] if obj else ["name"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Workspace,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        if change:
            workspace_lifecycle.rename(Workspace.objects.get(pk=obj.pk), obj.name)
        else:
            created = workspace_lifecycle.create(obj.name)
            obj.pk, obj.name = created.pk, created.name

    def delete_model(self, request: HttpRequest, obj: Workspace) -> None:
        workspace_lifecycle.delete(obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Workspace]
    ) -> None:
        for workspace in queryset:
            self.delete_model(request, workspace)

    def deletion_counts(self, objs: list[Workspace]) -> dict[str, int]:
        """Count the rows that are deleted with the workspaces."""
        kinds: dict[str, Any] = {
            gettext("documents"): Document,
            gettext("entities"): Entity,
            gettext("relations"): Relation,
        }
        counts = {
            name: model.objects.filter(workspace__in=objs).count()
            for name, model in kinds.items()
        }
        return {gettext("workspaces"): len(objs), **counts}

    @display(description=_("Created at"), ordering="created_at")
    def created(self, workspace: Workspace) -> SafeString:
        return moment(workspace.created_at)

    @display(description=_("Documents"), ordering="documents_count")
    def documents_count(self, workspace: Workspace) -> int:
        return int(workspace.documents_count)  # type: ignore[attr-defined]
