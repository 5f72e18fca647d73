"""Who changes many documents takes them in one order, so that nobody waits in a ring."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from documents.lifecycle import retry_and_cancel
from documents.models import Document, Workspace
from documents.pipeline import leases
from tests.documents.pipeline.test_pipeline import add

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def prolong(workspace: Workspace) -> None:
    leases.renew("me")


def cancel(workspace: Workspace) -> None:
    retry_and_cancel.cancel(workspace)


@pytest.mark.parametrize("change", [prolong, cancel])
def test_a_change_of_many_takes_none_before_its_turn(
    committed_workspace: Workspace, change: Callable[[Workspace], None]
) -> None:
    first, second = (add(committed_workspace, name=name).pk for name in "ab")
    leases.claim("me", 5, {})
    # Its row now stands behind the other's, where whoever looks in no order comes last.
    Document.objects.filter(pk=first).update(error_msg="moved")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Document.objects.select_for_update().get(pk=first)
        changing = pool.submit(in_its_own_connection, change, committed_workspace)
        wait_for_somebody_waiting()
        Document.objects.select_for_update(nowait=True).get(pk=second)
    changing.result(timeout=10)


def in_its_own_connection(
    change: Callable[[Workspace], None], workspace: Workspace
) -> None:
    try:
        change(workspace)
    finally:
        connection.close()


def wait_for_somebody_waiting() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for the first document.")
