"""`/ready`: whether this process can answer, told without a key for those who watch it.

`/health` says that the process lives and what it is; this says whether its database
answers and its tables are those of this version. Without Redis, or a worker, questions
are answered all the same, so that is told and is no reason to be taken out of service.
"""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from documents.workspaces import workers


def ready(request: HttpRequest) -> JsonResponse:
    """200, or 503 where requests would fail."""
    database = database_state()
    answers = {"database": database, **queue_state()}
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


def queue_state() -> dict[str, str]:
    """Whether Redis answers and anybody would be called by it."""
    running = workers.count()
    if running is None:
        return {"redis": "unreachable", "workers": "unknown"}
    return {"redis": "ok", "workers": "ok" if running else "none"}
