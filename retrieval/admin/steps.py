"""Which steps take long: of the latest calls and documents, so that it costs the same
however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from retrieval.admin.charts import NAMES
from retrieval.llm.usage.models import LLMCall

CALLS, DOCUMENTS = 20_000, 2_000
READ = "read"

LATEST = """
SELECT step, count(*), sum(seconds), max(seconds),
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
FROM (
    (SELECT purpose AS step, seconds FROM retrieval_llmcall
     ORDER BY id DESC LIMIT %(calls)s)
    UNION ALL
    SELECT 'read', (metadata ->> 'parse_end_time')::float8
        - (metadata ->> 'parse_start_time')::float8
    FROM (SELECT metadata FROM documents_document ORDER BY id DESC
        LIMIT %(documents)s) AS d
) AS taken
WHERE seconds IS NOT NULL
GROUP BY step
"""


@dataclass(frozen=True, slots=True)
class Step:
    """How long one kind of step took, in seconds; `share` of the slowest's `late`.

    `whole`: it is known in whole seconds only.
    """

    name: str
    times: int
    total: float
    longest: float
    median: float
    late: float
    share: int
    whole: bool


def slowest() -> list[Step]:
    """The step first whose slow cases (the 95th of a hundred) are slowest; one statement."""
    limits: dict[str, Any] = {"calls": CALLS, "documents": DOCUMENTS}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, limits)
        rows = cursor.fetchall()
    rows.sort(key=lambda row: row[4][1], reverse=True)
    most = max((row[4][1] for row in rows), default=0) or 1
    return [
        Step(
            name=name(step),
            times=times,
            total=total,
            longest=longest,
            median=median,
            late=late,
            share=round(100 * late / most),
            whole=step == READ,
        )
        for step, times, total, longest, (median, late) in rows
    ]


def name(step: str) -> str:
    """What a step is called."""
    if step == READ:
        return _("Reading a file")
    return str(NAMES[LLMCall.Purpose(step)])
