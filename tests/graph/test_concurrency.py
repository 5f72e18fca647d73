"""Test of concurrent writers of one hub: no deadlock, no lost mention, equal graphs."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from documents.models import Chunk, Workspace
from documents.workspaces import locks
from graph.age import consistency
from graph.curation import edit
from graph.curation.edit import EntityChanges
from graph.errors import GraphError
from graph.merging import merge, prune
from graph.models import Entity
from tests.graph.conftest import Ingest

WRITERS = 8
ROUNDS = 12


def together(*writers: Callable[[], None]) -> list[Exception]:
    """Run all writers at once, each with its own connection; return their errors."""
    raised: list[Exception] = []

    def run(writer: Callable[[], None]) -> None:
        try:
            writer()
        except Exception as error:  # noqa: BLE001 - the test compares all errors
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def workspace(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Workspace]:
    """Create a committed workspace, so that every thread sees it."""
    with django_db_blocker.unblock():
        workspace = Workspace.objects.create(
            name="crowded", embedding_model="fake:hash", embedding_dimensions=64
        )
        yield workspace
        workspace.delete()


def test_eight_writers_of_one_hub_lose_no_mention(
    ingest: Ingest, workspace: Workspace
) -> None:
    chunks = [
        ingest(
            ("Hub", "concept", f"fact {n}"),
            ("Hub", f"Spoke {n % 5}", "k", f"link {n}"),
            merged=False,
        )
        for n in range(WRITERS * ROUNDS)
    ]

    def write(number: int) -> Callable[[], None]:
        mine = chunks[number::WRITERS]
        chance = random.Random(number)

        def run() -> None:
            for chunk in mine:
                with transaction.atomic():
                    locks.lock_and_invalidate(workspace.pk)
                    merge.run(workspace.pk, [chunk.pk])
                disturb(workspace, chunk, chance)

        return run

    assert together(*(write(number) for number in range(WRITERS))) == []
    hub = Entity.objects.get(name="Hub")
    assert hub.mentions.count() == WRITERS * ROUNDS
    assert hub.degree == 5
    assert consistency.check(workspace.pk).differences == ()


def disturb(workspace: Workspace, chunk: Chunk, chance: random.Random) -> None:
    """Edit an entity, or delete the mentions of a chunk and merge it again."""
    if chance.random() < 0.5:
        try:
            edit.edit_entity(
                workspace.pk, f"Spoke {chance.randrange(5)}", EntityChanges(None, "x")
            )
        except GraphError:
            return
    else:
        with transaction.atomic():
            locks.lock_and_invalidate(workspace.pk)
            prune.delete_unmentioned(
                workspace.pk, prune.remove_mentions(workspace.pk, [chunk.pk])
            )
            merge.run(workspace.pk, [chunk.pk])
