"""`/ready`: whether this process can answer, told without a key for those who watch it.

`/health` says that the process lives and what it is; this says whether its database
answers and its tables are those of this version. Without Redis questions are answered
all the same, so that is told and is no reason to be taken out of service.
"""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

REDIS_SECONDS = 1.0


def ready(request: HttpRequest) -> JsonResponse:
    """200, or 503 where requests would fail."""
    database = database_state()
    answers = {"database": database, "redis": redis_state()}
    fit = database == "ok"
    body = {"status": "ready" if fit else "unready", **answers}
    return JsonResponse(body, status=200 if fit else 503)


def database_state() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "tables of an older version" if waiting else "ok"


def redis_state() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "unreachable"
    finally:
        client.close()
    return "ok"
