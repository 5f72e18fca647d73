"""`/ready`: readiness of this process, without authentication.

The process is ready if the database answers and its tables have this version. Missing
Redis, workers or models are reported but do not make it unready: another process of this
server would have the same problem.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from documents.pipeline import leases
from documents.workspaces import workers
from retrieval.llm.limits import provider_states


def ready(request: HttpRequest) -> JsonResponse:
    """Return status 200, or 503 if the database is not ready."""
    database = database_state()
    answers = {"database": database, **queue_state(), "models": models_state()}
    is_ready = database == "ok"
    body = {"status": "ready" if is_ready else "unready", **answers}
    return JsonResponse(body, status=200 if is_ready else 503)


def database_state() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "tables of an older version" if pending else "ok"


def models_state() -> str:
    """Return why providers of models are not used now, without their addresses."""
    problems = dict.fromkeys(state.wait_message for state in provider_states.paused())
    return "; ".join(problems) or "ok"


def queue_state() -> dict[str, str]:
    """Return whether Redis answers, and whether a worker runs and renews its leases."""
    running = workers.count()
    if running is None:
        return {"redis": "unreachable", "workers": "unknown"}
    return {"redis": "ok", "workers": worker_state(running)}


def worker_state(running: int) -> str:
    if not running:
        return "none"
    with suppress(DatabaseError):
        expired = leases.stalled()
        if expired:
            return f"stalled: the leases of {expired} documents have expired"
    return "ok"
