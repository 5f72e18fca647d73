"""What the front page's plots hold, as Chart.js reads it: data and options in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from retrieval.admin.figures import Spent
from retrieval.admin.pipeline_figures import Standing
from retrieval.llm.usage.models import LLMCall

GREY = "#9ca3af"
COLOURS = {
    LLMCall.Purpose.EXTRACT: "#2b968a",
    LLMCall.Purpose.SUMMARY: "#6366f1",
    LLMCall.Purpose.KEYWORDS: "#f59e0b",
    LLMCall.Purpose.QUERY: "#3b82f6",
    LLMCall.Purpose.EMBEDDING: "#a3a3a3",
    LLMCall.Purpose.RERANK: "#ec4899",
}
"""Of the parts; they are told apart in both themes and by the colour-blind."""
NAMES = {
    LLMCall.Purpose.EXTRACT: gettext_lazy("Extraction"),
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
    """Of every plot: parts stacked on a bar a day."""
    return json.dumps(OPTIONS)


def spending(days: Sequence[date], spent: Sequence[Spent], figure: str) -> str:
    """A bar for each day, a part of it for each purpose that cost anything."""
    values = {(one.purpose, one.day): getattr(one, figure) for one in spent}
    there = {one.purpose for one in spent}
    return _data(
        days,
        [
            (
                str(NAMES[purpose]),
                COLOURS[purpose],
                [values.get((purpose.value, day), 0) for day in days],
            )
            for purpose in LLMCall.Purpose
            if purpose.value in there
        ],
    )


def standing(days: Sequence[Standing]) -> str:
    """A bar for each day: the documents that were ready, waiting, or failed at its end."""
    return _data(
        [day.day for day in days],
        [
            (_("Ready"), "#16a34a", [day.ready for day in days]),
            (_("Waiting or in work"), "#f59e0b", [day.waiting for day in days]),
            (_("Failed"), "#ef4444", [day.failed for day in days]),
        ],
    )


def _data(days: Sequence[date], parts: Sequence[tuple[str, str, Sequence[int]]]) -> str:
    sets = [
        {"label": label, "backgroundColor": colour, "data": values}
        for label, colour, values in parts
    ]
    return json.dumps({"labels": [f"{day:%m-%d}" for day in days], "datasets": sets})
