"""Admin pages that write through our functions, and delete more than Django can see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from documents.admin_kit.lists import ListAdmin


class WritingAdmin(ListAdmin):
    """Subclasses write in `save_model`, `delete_model` and `delete_queryset`."""

    refusals: tuple[type[Exception], ...] = ()
    """What the functions raise to say no; shown to the user as it stands."""

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
        """Back to the page, with the reason."""
        self.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """What is deleted with `objs`, counted and not loaded row by row."""
        found = list(objs)
        allowed = self.has_delete_permission(request)
        lacking = set() if allowed else {str(self.opts.verbose_name)}
        return [str(obj) for obj in found], self.goes_along(found), lacking, []

    def goes_along(self, objs: list[Any]) -> dict[str, int]:
        """How many rows of each kind go with `objs`, by a name for the kind."""
        return {str(self.opts.verbose_name_plural): len(objs)}
