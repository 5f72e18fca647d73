"""`/metrics` for Prometheus.

Every number comes out of the database or Redis when it is asked for, so it is the same
whichever web process answers, and right after any restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from compat_api.auth import authentication
from documents.models import UNFINISHED_SQL
from documents.workspaces import workers
from retrieval.llm.limits import provider_states

DOCUMENTS = """
SELECT w.name, d.status, count(*)
FROM documents_document d JOIN documents_workspace w ON w.id = d.workspace_id
GROUP BY w.name, d.status
"""

OLDEST = f"""
SELECT w.name, extract(epoch FROM now() - min(d.created_at))
FROM documents_document d JOIN documents_workspace w ON w.id = d.workspace_id
WHERE d.status IN ({UNFINISHED_SQL})
GROUP BY w.name
"""  # noqa: S608 - our own text

WORKERS = """
SELECT count(DISTINCT lease_owner) FROM documents_document
WHERE lease_owner <> '' AND lease_until > now()
"""

# The planner's estimates: counting millions of rows at each scrape would be dear.
ROWS = """
SELECT relname, greatest(reltuples, 0) FROM pg_class
WHERE oid IN ('documents_chunk'::regclass, 'graph_entity'::regclass,
    'graph_relation'::regclass, 'retrieval_llmcache'::regclass)
"""

TOKENS = """
SELECT purpose, count(*), coalesce(sum(prompt_tokens), 0),
    coalesce(sum(completion_tokens), 0)
FROM retrieval_llmcall WHERE created_at >= date_trunc('day', now())
GROUP BY purpose
"""
QUEUE = "celery"


class SiteCollector(Collector):
    """Asks the database and Redis once for each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield family(
            "lightrag_documents", "Documents.", ["workspace", "status"], rows(DOCUMENTS)
        )
        yield family(
            "lightrag_oldest_unfinished_seconds",
            "Age of the oldest document that is not done.",
            ["workspace"],
            rows(OLDEST),
        )
        yield family(
            "lightrag_busy_workers", "Processes that ingest now.", [], rows(WORKERS)
        )
        yield family(
            "lightrag_rows", "Rows of a table, estimated.", ["table"], rows(ROWS)
        )
        yield from tokens()
        yield from redis_metrics()


def tokens() -> Iterator[GaugeMetricFamily]:
    """What was bought today (UTC)."""
    found = rows(TOKENS)
    yield family(
        "lightrag_llm_calls_today",
        "Answers bought today.",
        ["purpose"],
        [(purpose, calls) for purpose, calls, _, _ in found],
    )
    yield family(
        "lightrag_llm_tokens_today",
        "Their tokens.",
        ["purpose", "kind"],
        [
            (purpose, kind, count)
            for purpose, _, *both in found
            for kind, count in zip(("prompt", "completion"), both, strict=True)
        ],
    )


def redis_metrics() -> Iterator[GaugeMetricFamily]:
    """The queue's length and each provider's limits; only `lightrag_redis_up` without it."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1
    )
    try:
        queue, states = client.llen(QUEUE), provider_states.read(client)
    except (redis.RedisError, OSError):
        yield family("lightrag_redis_up", "Whether Redis answers.", [], [(0,)])
        return
    finally:
        client.close()
    yield family("lightrag_redis_up", "Whether Redis answers.", [], [(1,)])
    yield family("lightrag_queued_messages", "Calls to workers.", [], [(queue,)])
    yield family("lightrag_workers", "Workers that run.", [], [(workers.count() or 0,)])
    for name, meaning in (
        ("in_flight", "Requests under way to a provider."),
        ("window", "Requests at once that it was found to take; -1: no limit met."),
        ("paused_seconds", "For how long it is left alone."),
        ("failures", "Its failures in a row."),
    ):
        yield family(
            f"lightrag_provider_{name}",
            meaning,
            ["provider"],
            [(state.provider, getattr(state, name)) for state in states],
        )


def family(
    name: str, meaning: str, labels: list[str], found: Iterable[tuple[object, ...]]
) -> GaugeMetricFamily:
    """A gauge; each row holds the labels' values and, last, the number."""
    made = GaugeMetricFamily(name, meaning, labels=labels)
    for *values, number in found:
        made.add_metric([str(value) for value in values], float(str(number)))
    return made


def rows(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def metrics(request: HttpRequest) -> HttpResponse:
    """In Prometheus's text form; with the API key where there is one."""
    try:
        authentication.admit(request)
    except authentication.Refused as refused:
        return HttpResponse(refused.detail, status=refused.status)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
