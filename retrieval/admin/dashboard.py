"""The admin's front page: what there is, what is being done, what it costs, what failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from documents import progress
from documents.admin.strip import Item
from documents.models import Status
from retrieval.admin import figures
from retrieval.admin.figures import Spent
from retrieval.models import LLMCall

COLOURS = {
    LLMCall.Purpose.EXTRACT: "#2b968a",
    LLMCall.Purpose.SUMMARY: "#6366f1",
    LLMCall.Purpose.KEYWORDS: "#f59e0b",
    LLMCall.Purpose.QUERY: "#3b82f6",
    LLMCall.Purpose.EMBEDDING: "#a3a3a3",
    LLMCall.Purpose.RERANK: "#ec4899",
}
"""Of the bars; they are told apart in both themes and by the colour-blind."""

CHART_OPTIONS = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "maxBarThickness": 22,
    "datasets": {"bar": {"borderRadius": 3}},
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {
        "legend": {
            "display": True,
            "align": "end",
            "labels": {
                "boxWidth": 8,
                "boxHeight": 8,
                "usePointStyle": True,
                "color": "#9ca3af",
            },
        }
    },
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "ticks": {"color": "#9ca3af"},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "ticks": {"color": "#9ca3af", "precision": 0, "maxTicksLimit": 5},
            "grid": {"color": "#9ca3af33"},
            "border": {"display": False},
        },
    },
}


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's dashboard callback; about seven statements."""
    if not request.user.has_perm("documents.view_document"):
        return context
    start = figures.first_day()
    spent = figures.spent(start)
    days = [start.date() + timedelta(days=n) for n in range(figures.DAYS)]
    context.update(
        statuses=statuses(),
        sizes=figures.sizes(),
        days=figures.DAYS,
        calls_total=sum(one.calls for one in spent),
        tokens_total=sum(one.tokens for one in spent),
        calls_chart=chart(days, spent, "calls"),
        tokens_chart=chart(days, spent, "tokens"),
        chart_options=json.dumps(CHART_OPTIONS),
        errors=figures.last_errors(),
    )
    return context


def statuses() -> list[Item]:
    """All, and every status that some document has; each leads to its list."""
    counts = progress.counts_by_status()
    address = reverse("admin:documents_document_changelist")
    everything = Item("", "All", sum(counts.values()), address, active=False)
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


def chart(days: Sequence[date], spent: Sequence[Spent], figure: str) -> str:
    """Chart.js data as JSON: a bar for each day, a part of it for each purpose."""
    values = {(one.purpose, one.day): getattr(one, figure) for one in spent}
    datasets = [
        {
            "label": purpose.label,
            "data": [values.get((purpose.value, day), 0) for day in days],
            "backgroundColor": COLOURS[purpose],
        }
        for purpose in LLMCall.Purpose
    ]
    return json.dumps(
        {"labels": [f"{day:%d %b}" for day in days], "datasets": datasets}
    )
