"""Data and options of the dashboard's charts as JSON for Chart.js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from retrieval.admin.figures import DailyUsage
from retrieval.admin.pipeline_figures import DailyStatus
from retrieval.llm.usage.models import LLMCall

GREY = "#9ca3af"
COLOURS = {
    LLMCall.Purpose.EXTRACT: "#2b968a",
    LLMCall.Purpose.FIGURES: "#84cc16",
    LLMCall.Purpose.SUMMARY: "#6366f1",
    LLMCall.Purpose.KEYWORDS: "#f59e0b",
    LLMCall.Purpose.QUERY: "#3b82f6",
    LLMCall.Purpose.EMBEDDING: "#a3a3a3",
    LLMCall.Purpose.RERANK: "#ec4899",
}
"""Colours of the purposes, distinguishable in both themes and by colour-blind readers."""
NAMES = {
    LLMCall.Purpose.EXTRACT: gettext_lazy("Extraction"),
    LLMCall.Purpose.FIGURES: gettext_lazy("Figures"),
    LLMCall.Purpose.SUMMARY: gettext_lazy("Summaries"),
    LLMCall.Purpose.KEYWORDS: gettext_lazy("Keywords"),
    LLMCall.Purpose.QUERY: gettext_lazy("Answers"),
    LLMCall.Purpose.EMBEDDING: gettext_lazy("Embedding"),
    LLMCall.Purpose.RERANK: gettext_lazy("Reranking"),
}
OPTIONS: dict[str, Any] = {
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
                "color": GREY,
            },
        }
    },
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "ticks": {"color": GREY, "maxRotation": 0, "autoSkipPadding": 12},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "ticks": {"color": GREY, "precision": 0, "maxTicksLimit": 5},
            "grid": {"color": f"{GREY}33"},
            "border": {"display": False},
        },
    },
}


def options() -> str:
    """Return the options of every chart: a stacked bar per day."""
    return json.dumps(OPTIONS)


def usage(days: Sequence[date], rows: Sequence[DailyUsage], figure: str) -> str:
    """Return a chart of `figure` ("calls" or "tokens") by day and purpose."""
    values = {(row.purpose, row.day): getattr(row, figure) for row in rows}
    used = {row.purpose for row in rows}
    return _data(
        days,
        [
            (
                str(NAMES[purpose]),
                COLOURS[purpose],
                [values.get((purpose.value, day), 0) for day in days],
            )
            for purpose in LLMCall.Purpose
            if purpose.value in used
        ],
    )


def documents(days: Sequence[DailyStatus]) -> str:
    """Return a chart of the documents by status at the end of each day."""
    return _data(
        [day.day for day in days],
        [
            (_("Processed"), "#16a34a", [day.ready for day in days]),
            (_("Queued or processing"), "#f59e0b", [day.unfinished for day in days]),
            (_("Failed"), "#ef4444", [day.failed for day in days]),
        ],
    )


def _data(days: Sequence[date], parts: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    sets = [
        {"label": label, "backgroundColor": colour, "data": values}
        for label, colour, values in parts
    ]
    return json.dumps({"labels": [f"{day:%m-%d}" for day in days], "datasets": sets})
