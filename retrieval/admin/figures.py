"""The dashboard's figures: four statements, whatever the number of rows."""

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
"""Tables that PostgreSQL thinks larger than this are not counted but estimated."""

SIZE = """
SELECT c.relname, CASE WHEN c.reltuples > %(exact_below)s THEN c.reltuples::bigint END
FROM pg_class c WHERE c.oid = ANY(%(tables)s::regclass[])
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a table has; `about` if it is an estimate."""

    name: str
    rows: int
    about: bool
    url: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What one day's calls of one purpose cost."""

    day: date
    purpose: str
    calls: int
    tokens: int


def sizes() -> list[Size]:
    """Chunks, entities and relations of all workspaces; one statement for the estimates
    and one for each table small enough to count."""
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
            about=estimate is not None,
            url=reverse(
                f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"
            ),
        )
        for name, model in models.items()
        for estimate in [estimates.get(model._meta.db_table)]
    ]


def spent(since: datetime) -> list[Spent]:
    """Calls and tokens by day and purpose since then; one statement."""
    rows = (
        LLMCall.objects.filter(created_at__gte=since)
        .order_by()
        .values_list(TruncDate("created_at"), "purpose")
        .annotate(n=Count("*"), sent=Sum("prompt_tokens"), got=Sum("completion_tokens"))
    )
    return [Spent(day, purpose, n, sent + got) for day, purpose, n, sent, got in rows]


def first_day() -> datetime:
    """Midnight, DAYS days ago with today."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)


def last_errors(limit: int = 5) -> list[Document]:
    """The documents that failed last; one statement."""
    failed = Document.objects.filter(status=Status.FAILED).select_related("workspace")
    return list(failed.defer("metadata").order_by("-updated_at")[:limit])
