"""Base classes of admin lists that stay fast with millions of rows."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ShowFacets
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList


class BoundedPaginator(Paginator[Model]):
    """A paginator that counts at most `limit` rows."""

    object_list: QuerySet[Model]

    limit = 100_000
    template_name = "admin/graph/pagination.html"

    @cached_property
    def count(self) -> int:
        # Only keys: the count needs neither the order nor the annotations.
        return self.object_list.order_by().values("pk")[: self.limit].count()

    @property
    def is_cut(self) -> bool:
        """Whether there may be more rows than the counted ones."""
        return self.count == self.limit


class CountingOnceChangeList(ChangeList):
    """A change list that reuses the count of rows if no filter is active."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.has_active_filters and not self.query:
            self.full_result_count = self.result_count


class ListAdmin(ModelAdmin):
    """A list with one bounded count per page, and without facets."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = False
    compressed_fields = True
    list_disable_select_all = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows without those of deleted workspaces."""
        rows: QuerySet[Any] = super().get_queryset(request)
        fields = {field.name: field for field in self.model._meta.get_fields()}
        if not isinstance(fields.get("workspace"), ForeignKey):
            return rows
        return rows.filter(workspace__deleted_at=None)

    def get_changelist(
        self, request: HttpRequest, **kwargs: object
    ) -> type[ChangeList]:
        return CountingOnceChangeList

    def panel_context(self, obj: Any) -> dict[str, Any]:
        """Return context for the templates around the form, such as `panels`."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        if obj:
            context.update(self.panel_context(obj))
        return super().render_change_form(request, context, add, change, form_url, obj)


class ReadOnlyAdmin(ListAdmin):
    """A list of rows that only our functions write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


class RecordAdmin(ReadOnlyAdmin):
    """A read-only list of a workspace's records, newest first, that can be deleted."""

    list_filter = ["workspace"]
    list_select_related = ["workspace"]
    ordering = ["-id"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[Any]:
        return list(self.fields or ())

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return ListAdmin.has_delete_permission(self, request, obj)
