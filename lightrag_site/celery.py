"""The Celery app: `python -m celery -A lightrag_site.celery worker`.

The modules that define tasks are listed in `include`. Tasks are idempotent, because a
message is acknowledged only after its task has ended.
"""

from __future__ import annotations

import os
import warnings
from threading import Event, Thread
from typing import Any

from celery import Celery, signals
from django.conf import settings

from documents.workspaces import workers
from lightrag_site import parent_death_signal
from lightrag_site.observability import telemetry
from retrieval.llm.registry import configured_models

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")

# Containers run as root; what Celery warns of, pickled messages, we do not accept.
warnings.filterwarnings("ignore", "You're running the worker with superuser")
# Said whenever the broker is lost. Tasks go on then: their leases are in the database.
warnings.filterwarnings("ignore", "\nIn Celery 5.1 we introduced")
stopping = Event()
app = Celery(
    "lightrag", include=["documents.pipeline.tasks", "documents.intake.scan_tasks"]
)
app.config_from_object("django.conf:settings", namespace="CELERY")


@signals.setup_logging.connect
def _leave_logging_to_django(**_: Any) -> None:
    """With this signal taken Celery configures no logging of its own."""


def prepare() -> None:
    """Load what the first message would: it takes as long as reading ten documents."""
    _ = app.backend
    _ = app.connection().transport


@signals.worker_init.connect
def _share_what_is_loaded(**_: Any) -> None:
    """Before the fork, it is in memory once for all processes."""
    configured_models.prepare()
    prepare()


@signals.worker_ready.connect
def _say_so(sender: Any, **_: Any) -> None:
    """From a thread of its own: it goes on while the broker is looked for."""
    name = f"{sender.hostname}:{os.getpid()}"
    Thread(target=workers.keep_saying, args=(name, stopping), daemon=True).start()


@signals.worker_shutting_down.connect
def _say_no_more(**_: Any) -> None:
    stopping.set()


@signals.worker_process_init.connect
@signals.beat_embedded_init.connect
def _end_with_the_worker(**_: Any) -> None:
    """A worker killed outright leaves no process behind that would go on working."""
    parent_death_signal.kill_me_then()


@signals.worker_process_init.connect
def _tell_of_what_is_done(**_: Any) -> None:
    """After the fork: the thread that sends spans does not survive it."""
    telemetry.start(settings.LIGHTRAG.observe)


@signals.worker_process_shutdown.connect
def _tell_the_rest(**_: Any) -> None:
    telemetry.stop()
