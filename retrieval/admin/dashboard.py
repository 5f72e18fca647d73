"""The admin's dashboard: documents, queue, model usage, slow steps, last errors."""

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
    """Add the dashboard's values to the context: the theme's callback. 11 statements."""
    if not request.user.has_perm("documents.view_document"):
        return context
    counts = progress.counts_by_status()
    start = figures.first_day()
    days = [start.date() + timedelta(days=n) for n in range(figures.DAYS)]
    usage = figures.daily_usage(start)
    context.update(
        statuses=statuses(counts),
        sizes=figures.sizes(),
        queue=pipeline_figures.queue(),
        days=figures.DAYS,
        calls_total=sum(row.calls for row in usage),
        tokens_total=sum(row.tokens for row in usage),
        documents_chart=charts.documents(pipeline_figures.daily_statuses(days, counts)),
        calls_chart=charts.usage(days, usage, "calls"),
        tokens_chart=charts.usage(days, usage, "tokens"),
        chart_options=charts.options(),
        steps=steps.slowest(),
        errors=figures.last_errors(),
    )
    return context


def statuses(counts: dict[str, int]) -> list[Item]:
    """Return the total and the statuses that occur, with links to their lists."""
    url = reverse("admin:documents_document_changelist")
    total = Item("", _("All"), sum(counts.values()), url, active=False)
    return [total] + [
        Item(
            status.value,
            str(status.label),
            counts[status],
            f"{url}?status__exact={status.value}",
            active=False,
        )
        for status in Status
        if counts.get(status)
    ]
