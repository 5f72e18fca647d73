from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from retrieval import rows
from retrieval.crossing import in_database

used: list[BaseDatabaseWrapper] = []


def read() -> None:
    """Use this thread's connection, and remember it."""
    rows.read("SELECT 1", {})
    used.append(connections["default"])
    assert used[-1].connection is not None


def read_and_fail() -> None:
    read()
    raise LookupError


def test_a_step_gives_its_connection_back(db: None) -> None:
    asyncio.run(in_database(read))
    assert used[-1].connection is None


def test_a_step_that_fails_gives_its_connection_back_too(db: None) -> None:
    with pytest.raises(LookupError):
        asyncio.run(in_database(read_and_fail))
    assert used[-1].connection is None


def test_a_callers_transaction_keeps_its_connection(db: None) -> None:
    async_to_sync(in_database)(read)
    assert used[-1].connection is not None
