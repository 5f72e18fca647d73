"""`/metrics` for Prometheus.

All values are read from the database or Redis for each request, so that every web process
returns the same values.
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
from compat_api.auth.callers import Refused
from compat_api.models import Role
from documents.models import UNFINISHED_SQL
from documents.workspaces import workers
from retrieval.llm.limits import provider_states

DOCUMENTS = """
SELECT w.name, d.status, count(*)
FROM documents_document d JOIN documents_workspace w ON w.id = d.workspace_id
WHERE w.deleted_at IS NULL
GROUP BY w.name, d.status
"""

OLDEST = f"""
SELECT w.name, extract(epoch FROM now() - min(d.created_at))
FROM documents_document d JOIN documents_workspace w ON w.id = d.workspace_id
WHERE d.status IN ({UNFINISHED_SQL}) AND w.deleted_at IS NULL
GROUP BY w.name
"""  # noqa: S608 - our own text

WORKERS = """
SELECT count(DISTINCT lease_owner) FROM documents_document
WHERE lease_owner <> '' AND lease_until > now()
"""

# Estimates of the planner, because counting millions of rows takes too long.
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
    """Collector that queries the database and Redis once per scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield family(
            "lightrag_documents", "Documents.", ["workspace", "status"], rows(DOCUMENTS)
        )
        yield family(
            "lightrag_oldest_unfinished_seconds",
            "Age of the oldest unfinished document.",
            ["workspace"],
            rows(OLDEST),
        )
        yield family(
            "lightrag_busy_workers",
            "Processes that process a document.",
            [],
            rows(WORKERS),
        )
        yield family(
            "lightrag_rows", "Estimated rows of a table.", ["table"], rows(ROWS)
        )
        yield from tokens()
        yield from redis_metrics()


def tokens() -> Iterator[GaugeMetricFamily]:
    """Yield the model calls and tokens of today (UTC)."""
    purposes = rows(TOKENS)
    yield family(
        "lightrag_llm_calls_today",
        "Model calls today.",
        ["purpose"],
        [(purpose, calls) for purpose, calls, _, _ in purposes],
    )
    yield family(
        "lightrag_llm_tokens_today",
        "Tokens of these calls.",
        ["purpose", "kind"],
        [
            (purpose, kind, count)
            for purpose, _, *counts in purposes
            for kind, count in zip(("prompt", "completion"), counts, strict=True)
        ],
    )


def redis_metrics() -> Iterator[GaugeMetricFamily]:
    """Yield the queue's length and the provider limits; without Redis only `redis_up`."""
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
    yield family("lightrag_queued_messages", "Messages to workers.", [], [(queue,)])
    yield family("lightrag_workers", "Running workers.", [], [(workers.count() or 0,)])
    for name, meaning in (
        ("in_flight", "Requests in flight."),
        ("window", "Reduced limit of concurrent requests; -1: none."),
        ("paused_seconds", "Seconds until the provider is used again."),
        ("failures", "Failures in a row."),
    ):
        yield family(
            f"lightrag_provider_{name}",
            meaning,
            ["provider"],
            [(state.provider, getattr(state, name)) for state in states],
        )


def family(
    name: str, meaning: str, labels: list[str], samples: Iterable[tuple[object, ...]]
) -> GaugeMetricFamily:
    """Return a gauge; a sample contains the values of the labels and the number."""
    metric = GaugeMetricFamily(name, meaning, labels=labels)
    for *values, number in samples:
        metric.add_metric([str(value) for value in values], float(str(number)))
    return metric


def rows(query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics in the text format; requires authentication if configured.

    They name all workspaces, so a key for some workspaces is refused.
    """
    try:
        caller = authentication.admit(request, Role.READ)
    except Refused as refused:
        return HttpResponse(refused.detail, status=refused.status)
    if caller.workspaces is not None:
        return HttpResponse("This needs a key for all workspaces.", status=403)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
