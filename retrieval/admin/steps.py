"""Durations of the latest model calls and parsed files: constant cost for any total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from retrieval.admin.charts import NAMES
from retrieval.llm.usage.models import LLMCall

CALLS, DOCUMENTS = 20_000, 2_000
PARSE = "parse"

LATEST = """
SELECT step, count(*), sum(seconds), max(seconds),
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
FROM (
    (SELECT purpose AS step, seconds FROM retrieval_llmcall
     ORDER BY id DESC LIMIT %(calls)s)
    UNION ALL
    SELECT 'parse', (metadata ->> 'parse_end_time')::float8
        - (metadata ->> 'parse_start_time')::float8
    FROM (SELECT metadata FROM documents_document ORDER BY id DESC
        LIMIT %(documents)s) AS d
) AS taken
WHERE seconds IS NOT NULL
GROUP BY step
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Durations of one kind of step in seconds; `share` is the percentage of the largest p95.

    `whole_seconds`: the durations are known in whole seconds only.
    """

    name: str
    count: int
    total: float
    maximum: float
    p50: float
    p95: float
    share: int
    whole_seconds: bool


def slowest() -> list[Step]:
    """Return the steps, largest p95 first. One statement."""
    limits: dict[str, Any] = {"calls": CALLS, "documents": DOCUMENTS}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, limits)
        rows = cursor.fetchall()
    rows.sort(key=lambda row: row[4][1], reverse=True)
    largest = max((row[4][1] for row in rows), default=0) or 1
    return [
        Step(
            name=name(step),
            count=count,
            total=total,
            maximum=maximum,
            p50=p50,
            p95=p95,
            share=round(100 * p95 / largest),
            whole_seconds=step == PARSE,
        )
        for step, count, total, maximum, (p50, p95) in rows
    ]


def name(step: str) -> str:
    """Return the label of a step."""
    if step == PARSE:
        return _("Parsing a file")
    return str(NAMES[LLMCall.Purpose(step)])
