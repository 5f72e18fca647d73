"""Admin page for read-only Cypher queries on a workspace's graph."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from documents.models import Workspace
from graph.admin import cypher_cells
from graph.age import run_cypher
from graph.age.errors import CypherError
from graph.age.examples import EXAMPLES

if TYPE_CHECKING:
    from graph.admin.entities import EntityAdmin

MAX_ROWS = 200
"""Upper bound on the rows that the page shows."""


class CypherForm(forms.Form):
    """A workspace and a query on its graph."""

    workspace = forms.ModelChoiceField(
        Workspace.objects.order_by("name"),
        label=_("Workspace"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    query = forms.CharField(
        label=_("Query"),
        max_length=20_000,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 6, "spellcheck": "false", "class": "cypher-query"}
        ),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The table or the error of a query; `seconds` includes the round trip."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[SafeString]] = ()
    is_truncated: bool = False
    error: str = ""
    seconds: float = 0.0

    @property
    def table(self) -> dict[str, object]:
        """Return the argument of the theme's table component."""
        return {"headers": self.columns, "rows": self.rows}


def urls(model_admin: EntityAdmin) -> list[URLPattern]:
    """Return the URL pattern of the page."""

    def view(request: HttpRequest) -> HttpResponse:
        return show(model_admin, request)

    wrapped = model_admin.admin_site.admin_view(view)
    return [path("cypher/", wrapped, name="graph_cypher")]


def show(model_admin: EntityAdmin, request: HttpRequest) -> HttpResponse:
    """Return the page with the form and the result of the query."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = CypherForm(request.POST or None, initial=_example(request))
    outcome = None
    if form.is_valid():
        workspace, query = form.cleaned_data["workspace"], form.cleaned_data["query"]
        outcome = run(workspace.pk, query)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Cypher",
        "content_title": "Cypher",
        "form": form,
        "outcome": outcome,
        "examples": EXAMPLES,
        "limit": MAX_ROWS,
    }
    return TemplateResponse(request, "admin/graph/cypher.html", context)


def _example(request: HttpRequest) -> dict[str, object]:
    value = request.GET.get("example", "0")
    number = int(value) if value.isdecimal() and len(value) < 10 else 0
    query = EXAMPLES[number % len(EXAMPLES)].query
    return {"query": query, "workspace": request.GET.get("workspace")}


def run(workspace_id: int, query: str) -> Outcome:
    """Run a query and render its values as HTML."""
    start = time.perf_counter()
    try:
        result = run_cypher.run(workspace_id, query, limit=MAX_ROWS)
    except CypherError as error:
        return Outcome(error=str(error), seconds=time.perf_counter() - start)
    rows = [[cypher_cells.render(value) for value in row] for row in result.rows]
    seconds = time.perf_counter() - start
    return Outcome(result.columns, rows, result.is_truncated, seconds=seconds)
