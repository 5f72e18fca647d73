"""The Celery app: `python -m celery -A lightrag_site.celery worker`.

The modules that define tasks are listed in `include`. Tasks are idempotent, because a
message is acknowledged only after its task has ended.
"""

from __future__ import annotations

import atexit
import gc
import logging
import os
import signal
import time
import warnings
from threading import Event, Thread
from typing import Any

from celery import Celery, signals
from celery.beat import Service
from celery.worker.control import inspect_command
from django.conf import settings
from django.db import connection

from documents.pipeline.shutdown import stop_requested
from documents.workspaces import workers
from lightrag_site import parent_death_signal
from lightrag_site.observability import telemetry
from retrieval.llm.registry import configured_models

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
# The checks import all URLs and the admin: 40 MB and a second in each worker.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

# Celery warns of pickled messages from root in containers; we do not accept pickle.
warnings.filterwarnings("ignore", "You're running the worker with superuser")
# Logged whenever the broker connection is lost. Tasks continue: leases are in the database.
warnings.filterwarnings("ignore", "\nIn Celery 5.1 we introduced")
SHUTDOWN_SECONDS = 5.0
"""Upper bound on the time between the stop signal and the end of a worker."""
stopping = Event()
app = Celery(
    "lightrag", include=["documents.pipeline.tasks", "documents.intake.scan_tasks"]
)
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.setup_logging.connect
def _leave_logging_to_django(**_: Any) -> None:
    """Prevent Celery's own logging: a receiver of this signal replaces it."""


def prepare() -> None:
    """Load the result backend and the transport before the first message needs them."""
    _ = app.backend
    _ = app.connection().transport


@signals.worker_init.connect
def _preload_before_fork(**_: Any) -> None:
    """Load models before the fork, so that the processes share their memory.

    A garbage collection writes to the objects that it visits, which copies their pages.
    """
    configured_models.prepare()
    prepare()
    gc.collect()
    gc.freeze()


@signals.worker_ready.connect
def _start_threads(sender: Any, **_: Any) -> None:
    """Start the heartbeat, which continues while the broker is away, and the beat.

    The beat of `--beat` would be a process of 15 MB that sends a message every 10 seconds.
    """
    name = f"{sender.hostname}:{os.getpid()}"
    Thread(target=workers.announce_until, args=(name, stopping), daemon=True).start()
    # Without this argument, the beat writes a file into the current folder.
    beat = Service(app, scheduler_cls=app.conf.beat_scheduler)
    Thread(target=beat.start, daemon=True).start()


@signals.worker_shutting_down.connect
def _stop(**_: Any) -> None:
    """Stop the heartbeat, and let the processes release their documents."""
    stopping.set()
    stop_requested.set()
    atexit.register(_exit_at_once)
    Thread(target=_exit_at_deadline, daemon=True).start()


def _exit_at_deadline() -> None:
    """End the process, and with it its pool, if Celery has not done so.

    Celery sleeps for CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT and then waits for its pool without
    a limit: on a busy machine 7 seconds and more. By then the documents are released.
    """
    time.sleep(SHUTDOWN_SECONDS)
    _exit_at_once()


def _exit_at_once() -> None:
    """End the process without its last garbage collection, which can take seconds.

    Celery has ended the pool by then.
    """
    logging.shutdown()
    os._exit(0)


@inspect_command()
def documents(state: Any, **_: Any) -> list[dict[str, str]]:
    """List the documents that this worker processes (`celery inspect documents`)."""
    from documents.pipeline import leases  # models are not loaded yet at import

    try:
        return leases.held_by(state.hostname)
    finally:
        connection.close()


@signals.worker_process_init.connect
def _exit_with_worker(**_: Any) -> None:
    """Kill this process when its worker is killed, so that it does not keep working."""
    parent_death_signal.kill_when_parent_exits()


@signals.worker_process_init.connect
def _let_the_watchdog_end_the_process(**_: Any) -> None:
    """Leave SIGALRM to the kernel: `documents.pipeline.leases` sets the alarm."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


@signals.worker_process_init.connect
def _start_telemetry(**_: Any) -> None:
    """Start telemetry after the fork, which does not copy the thread that sends spans."""
    telemetry.start(settings.LIGHTRAG.observe)


@signals.worker_process_shutdown.connect
def _flush_telemetry(**_: Any) -> None:
    telemetry.stop()
