"""Admin page of suggested duplicates: merge them, mark them as different, or undo a merge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.models import Workspace
from graph.admin import pairs
from graph.admin.pairs import Pair
from graph.curation import duplicates, entity_merge, unmerge
from graph.errors import GraphError
from graph.models import EntityAlias

if TYPE_CHECKING:
    from graph.admin.entities import EntityAdmin

RECENT_ALIASES = 8
"""Upper bound on the recent merges that the page offers to undo."""


def urls(model_admin: EntityAdmin) -> list[URLPattern]:
    """Return the URL pattern of the page."""

    def view(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return show(model_admin, request)
        if not model_admin.has_change_permission(request):
            raise PermissionDenied
        return act(model_admin, request)

    wrapped = model_admin.admin_site.admin_view(view)
    return [path("duplicates/", wrapped, name="graph_duplicates")]


def show(model_admin: EntityAdmin, request: HttpRequest) -> HttpResponse:
    """Return the page with the suggestions of one workspace. Six statements."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    workspaces = list(Workspace.objects.order_by("name"))
    chosen = next(
        (w for w in workspaces if str(w.pk) == request.GET.get("workspace")),
        workspaces[0] if workspaces else None,
    )
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Duplicates"),
        "content_title": _("Duplicates"),
        "workspaces": workspaces,
        "workspace": chosen,
        "found": pairs.suggested(chosen.pk) if chosen else None,
        "recent_aliases": recent_aliases(chosen.pk) if chosen else [],
        "may_change": model_admin.has_change_permission(request),
    }
    return TemplateResponse(request, "admin/graph/duplicates.html", context)


def recent_aliases(workspace_id: int) -> list[EntityAlias]:
    """Return the newest aliases."""
    aliases = EntityAlias.objects.filter(workspace=workspace_id)
    return list(aliases.select_related("entity").order_by("-pk")[:RECENT_ALIASES])


def act(model_admin: EntityAdmin, request: HttpRequest) -> HttpResponse:
    """Merge pairs (after a confirmation), mark a pair as different, or undo a merge."""
    value = request.POST.get("workspace", "")
    workspace_id = int(value) if value.isdecimal() and len(value) < 19 else 0
    try:
        if "undo" in request.POST:
            _undo(request, workspace_id, request.POST["undo"])
        elif "distinct" in request.POST:
            _mark_distinct(request, workspace_id, request.POST["distinct"])
        else:
            chosen = pairs.selected(workspace_id, request.POST.getlist("pair"))
            if chosen and "confirm" not in request.POST:
                return _confirm(model_admin, request, workspace_id, chosen)
            _merge(request, workspace_id, chosen)
    except GraphError as error:
        messages.error(request, str(error))
    url = reverse("admin:graph_duplicates")
    return HttpResponseRedirect(f"{url}?workspace={workspace_id}")


def _confirm(
    model_admin: EntityAdmin,
    request: HttpRequest,
    workspace_id: int,
    chosen: Sequence[Pair],
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Merge selected"),
        "content_title": _("Merge selected"),
        "workspace_id": workspace_id,
        "pairs": chosen,
    }
    return TemplateResponse(request, "admin/graph/duplicates_confirm.html", context)


def _merge(request: HttpRequest, workspace_id: int, chosen: Sequence[Pair]) -> None:
    """Merge in one transaction per kept entity."""
    for target, names in pairs.by_target(chosen).items():
        entity_merge.merge_entities(workspace_id, names, target)
    if not chosen:
        messages.warning(request, _("Nothing was selected."))
        return
    message = ngettext(
        "%(n)d pair was merged.", "%(n)d pairs were merged.", len(chosen)
    )
    messages.success(request, message % {"n": len(chosen)})


def _mark_distinct(request: HttpRequest, workspace_id: int, value: str) -> None:
    for pair in pairs.selected(workspace_id, [value]):
        duplicates.mark_distinct(workspace_id, pair.other.name, pair.kept.name)
        message = _("“%(one)s” and “%(other)s” are marked as different entities.")
        names = {"one": pair.other.name, "other": pair.kept.name}
        messages.success(request, message % names)


def _undo(request: HttpRequest, workspace_id: int, alias: str) -> None:
    unmerge.split_entity(workspace_id, alias)
    message = _("“%(name)s” is a separate entity again.")
    messages.success(request, message % {"name": alias})
