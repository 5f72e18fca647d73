"""The dashboard's figures: four statements for any number of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Chunk, Document, Status
from graph.models import Entity, Relation
from retrieval.llm.usage.models import LLMCall

DAYS = 14
EXACT_BELOW = 50_000
"""Tables with more rows than this, by PostgreSQL's estimate, are not counted."""

SIZE = """
SELECT c.relname, CASE WHEN c.reltuples > %(exact_below)s THEN c.reltuples::bigint END
FROM pg_class c WHERE c.oid = ANY(%(tables)s::regclass[])
"""


@dataclass(frozen=True, slots=True)
class Size:
    """Number of rows of a table."""

    name: str
    rows: int
    is_estimate: bool
    url: str


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """Model calls of one purpose on one day."""

    day: date
    purpose: str
    calls: int
    tokens: int


def sizes() -> list[Size]:
    """Return the numbers of chunks, entities and relations in all workspaces.

    One statement reads the estimates, and one counts each small table.
    """
    models: dict[str, Any] = {
        _("Chunks"): Chunk,
        _("Entities"): Entity,
        _("Relations"): Relation,
    }
    tables = {model._meta.db_table: model for model in models.values()}
    with connection.cursor() as cursor:
        cursor.execute(SIZE, {"exact_below": EXACT_BELOW, "tables": list(tables)})
        estimates: dict[str, int | None] = dict(cursor.fetchall())
    return [
        Size(
            name,
            estimate or model.objects.count(),
            is_estimate=estimate is not None,
            url=reverse(
                f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"
            ),
        )
        for name, model in models.items()
        for estimate in [estimates.get(model._meta.db_table)]
    ]


def daily_usage(since: datetime) -> list[DailyUsage]:
    """Return calls and tokens by day and purpose. One statement."""
    rows = (
        LLMCall.objects.filter(created_at__gte=since)
        .order_by()
        .values_list(TruncDate("created_at"), "purpose")
        .annotate(
            n=Count("*"),
            prompt=Sum("prompt_tokens"),
            completion=Sum("completion_tokens"),
        )
    )
    return [
        DailyUsage(day, purpose, n, prompt + completion)
        for day, purpose, n, prompt, completion in rows
    ]


def first_day() -> datetime:
    """Return the start of the first of the last DAYS days."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)


def last_errors(limit: int = 5) -> list[Document]:
    """Return the documents that failed last. One statement."""
    failed = Document.objects.filter(status=Status.FAILED).select_related("workspace")
    return list(failed.defer("metadata").order_by("-updated_at")[:limit])
