"""Admin pages that change rows by calling functions instead of `Model.save`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from documents.admin_kit.lists import ListAdmin


class WritingAdmin(ListAdmin):
    """Base class; subclasses write in `save_model`, `delete_model`, `delete_queryset`."""

    refusals: tuple[type[Exception], ...] = ()
    """Errors of these functions whose message is shown to the user."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as error:
            return self.refuse(request, error)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except self.refusals as error:
            return self.refuse(request, error)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except self.refusals as error:
            return self.refuse(request, error)

    def refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Redirect back to the page and show the error."""
        self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """Return the numbers of deleted rows, without loading each row."""
        rows = list(objs)
        allowed = self.has_delete_permission(request)
        lacking = set() if allowed else {str(self.opts.verbose_name)}
        return [str(row) for row in rows], self.deletion_counts(rows), lacking, []

    def deletion_counts(self, objs: list[Any]) -> dict[str, int]:
        """Return the number of rows to delete, with the model's plural name as the key."""
        return {str(self.opts.verbose_name_plural): len(objs)}
