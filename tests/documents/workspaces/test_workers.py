"""The count of running workers, and the messages if there are none."""

from __future__ import annotations

import io
import socket
import time
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from documents.models import Workspace
from documents.queries import pipeline_status
from documents.workspaces import workers
from lightrag_site.running import worker_health
from tests.models import FakeModels
from tests.waiting import wait_until

HOW_TO_START = "lightrag-server --only worker"


@pytest.fixture
def no_workers(redis: str) -> None:
    """Delete the announcements of all workers."""
    client = workers.connect()
    client.delete(workers.KEY)
    client.close()


def test_a_worker_is_counted_until_it_stops(no_workers: None) -> None:
    stopping = Event()
    threads = [
        Thread(target=workers.announce_until, args=(name, stopping)) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: workers.count() == 2)
    assert workers.missing_message() == ""
    stopping.set()
    for thread in threads:
        thread.join()
    assert workers.count() == 0


def test_a_worker_without_recent_announcements_is_not_counted(no_workers: None) -> None:
    client = workers.connect()
    client.zadd(workers.KEY, {"dead": time.time() - workers.EXPIRY_SECONDS - 1})
    assert workers.count() == 0
    workers.announce(client, "alive")
    assert client.zrange(workers.KEY, 0, -1) == [b"alive"]
    client.close()


def test_the_health_check_ignores_workers_of_other_machines(no_workers: None) -> None:
    client = workers.connect()
    workers.announce(client, f"celery@{socket.gethostname()}-2:7")
    assert worker_health.main() == 1
    workers.announce(client, f"celery@{socket.gethostname()}:7")
    assert worker_health.main() == 0
    client.close()


def test_without_redis_the_number_of_workers_is_unknown() -> None:
    assert worker_health.main() == 0
    assert workers.count() is None
    assert workers.missing_message() == ""


def test_scan_inputs_warns_if_no_worker_is_running(
    no_workers: None,
    workspace: Workspace,
    inputs: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("scan_inputs", workspace="tests")
    assert "No worker is running" in capsys.readouterr().out


def test_the_api_reports_that_no_worker_is_running(
    no_workers: None,
    workspace: Workspace,
    models: FakeModels,
    client: Client,
    inputs: object,
) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "tests"}
    answer = client.post(
        "/documents/upload", {"file": io.BytesIO(b"Ada met Bob.")}, headers=headers
    )
    text = {"text": "Ada met Bob.", "file_source": "a.txt"}
    answer = client.post(
        "/documents/text", text, content_type="application/json", headers=headers
    )
    assert answer.json()["status"] == "success"
    assert HOW_TO_START in answer.json()["message"]
    assert HOW_TO_START in pipeline_status.waiting_reason()
    status = client.get("/documents/pipeline_status", headers=headers).json()
    assert HOW_TO_START in status["latest_message"]
    health = client.get("/health", headers=headers).json()
    assert health["workers_running"] == 0
    assert HOW_TO_START in health["notice"]


def test_a_supervised_worker_that_does_not_run_is_starting(
    no_workers: None, settings: Settings
) -> None:
    settings.SUPERVISED_WORKER = True
    assert workers.missing_message().startswith("The worker is starting.")
    with translation.override("zh-hant"):
        assert workers.missing_message().startswith("工作程序正在啟動。")


def test_the_page_names_a_missing_worker_in_the_users_language(
    no_workers: None,
) -> None:
    with translation.override("zh-hans"):
        assert pipeline_status.waiting_reason().startswith("没有正在运行的工作进程")
