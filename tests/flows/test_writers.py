"""Eight users edit one entity while documents about it are uploaded and deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from documents.models import Document, Workspace
from documents.pipeline import pipeline
from graph.age import consistency
from graph.models import Entity
from lightrag_site.asgi import application
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api import serving
from tests.models import FakeModels
from tests.writers import Writers

SECONDS, SEEDS = 4.0, 40


@contextmanager
def worker(workspace: Workspace) -> Iterator[None]:
    """Process queued documents until stopped."""
    over = threading.Event()

    def work() -> None:
        try:
            while not over.wait(0.05):
                pipeline.work(workspace.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def workspace(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Workspace]:
    """Create a committed workspace, which every thread can see."""
    with django_db_blocker.unblock(), serving.workspaces() as (created, _):
        yield created


def test_no_writer_fails_and_no_acknowledged_change_is_lost(
    workspace: Workspace, db: None
) -> None:
    models = FakeModels(chat=FakeChat(latency=0.02))
    with (
        override_settings(LIGHTRAG=serving.configured(models)),
        serving.site(application) as url,
        worker(workspace),
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        writers = Writers(url, SECONDS, seeds=SEEDS)
        writers.seed(client)
        writers.run()
        writers.rest(client)
        assert list(writers.lost_changes(client)) == []
    assert consistency.check(workspace.pk).differences == ()
    hub = Entity.objects.get(workspace=workspace, name="Hub")
    speaking = hub.mentions.values("chunk__document").distinct()
    assert speaking.count() == Document.objects.filter(workspace=workspace).count()
