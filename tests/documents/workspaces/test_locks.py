"""Documents are locked in one order, so that concurrent changes do not deadlock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from documents.lifecycle import retry_and_cancel
from documents.models import Document, Workspace
from documents.pipeline import leases
from tests.documents.pipeline.test_pipeline import add
from tests.waiting import wait_until

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


def test_documents_are_locked_in_the_order_of_their_ids(
    committed_workspace: Workspace,
) -> None:
    first, second = (add(committed_workspace, name=name).pk for name in "ab")
    leases.claim("me", 5, {})
    # The update moves the first row behind the second, which an unordered scan finds first.
    Document.objects.filter(pk=first).update(error_msg="moved")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Document.objects.select_for_update().get(pk=first)
        changing = pool.submit(cancel_in_own_connection, committed_workspace)
        wait_until(a_lock_is_awaited)
        Document.objects.select_for_update(nowait=True).get(pk=second)
    changing.result(timeout=10)


def cancel_in_own_connection(workspace: Workspace) -> None:
    try:
        retry_and_cancel.cancel(workspace)
    finally:
        connection.close()


def a_lock_is_awaited() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])
