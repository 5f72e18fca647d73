"""Database steps run in the caller's thread or in the executor."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from retrieval import db_thread
from retrieval.db_thread import run_in_db


def name_of_thread(prefix: str = "") -> str:
    return prefix + threading.current_thread().name


async def test_a_step_runs_in_the_executor_if_one_is_set() -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="database") as shared:
        token = db_thread.executor.set(shared)
        try:
            assert (await run_in_db(name_of_thread, "in ")).startswith("in database")
        finally:
            db_thread.executor.reset(token)
    assert not (await run_in_db(name_of_thread)).startswith("database")


@pytest.mark.django_db
async def test_the_connection_is_released_after_the_step() -> None:
    def read() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return connection.connection is not None

    def is_open() -> bool:
        return connection.connection is not None

    with ThreadPoolExecutor(1, thread_name_prefix="database") as shared:
        token = db_thread.executor.set(shared)
        try:
            assert await run_in_db(read)
            assert not await run_in_db(is_open)
        finally:
            db_thread.executor.reset(token)
