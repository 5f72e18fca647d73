"""The admin's front page: what there is, what is being done, what it costs, what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from documents.admin.status_strip import Item
from documents.models import Status
from documents.queries import progress
from retrieval.admin import charts, figures, pipeline_figures, steps


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's dashboard callback; about eleven statements."""
    if not request.user.has_perm("documents.view_document"):
        return context
    counts = progress.counts_by_status()
    start = figures.first_day()
    days = [start.date() + timedelta(days=n) for n in range(figures.DAYS)]
    spent = figures.spent(start)
    context.update(
        statuses=statuses(counts),
        sizes=figures.sizes(),
        queue=pipeline_figures.queue(),
        days=figures.DAYS,
        calls_total=sum(one.calls for one in spent),
        tokens_total=sum(one.tokens for one in spent),
        standing_chart=charts.standing(pipeline_figures.standings(days, counts)),
        calls_chart=charts.spending(days, spent, "calls"),
        tokens_chart=charts.spending(days, spent, "tokens"),
        chart_options=charts.options(),
        steps=steps.slowest(),
        errors=figures.last_errors(),
    )
    return context


def statuses(counts: dict[str, int]) -> list[Item]:
    """All, and every status that some document has; each leads to its list."""
    address = reverse("admin:documents_document_changelist")
    everything = Item("", _("All"), sum(counts.values()), address, active=False)
    return [everything] + [
        Item(
            status.value,
            str(status.label),
            counts[status],
            f"{address}?status__exact={status.value}",
            active=False,
        )
        for status in Status
        if counts.get(status)
    ]
