"""A request's id in the answer and in the log."""

from __future__ import annotations

import contextvars
import logging

from django.test import AsyncClient, Client

from lightrag_site.observability import request_ids
from lightrag_site.observability.logs import Known, OneLine

RECORD = logging.LogRecord("site", logging.INFO, "", 0, "said\nmore", (), None)


def test_a_callers_id_comes_back(client: Client, db: None) -> None:
    answer = client.get("/ready", headers={"X-Request-ID": "call-7"})
    assert answer["X-Request-ID"] == "call-7"


async def test_a_request_without_a_good_id_gets_one(
    async_client: AsyncClient, db: None
) -> None:
    answer = await async_client.get("/nowhere", headers={"X-Request-ID": "a b"})
    assert len(answer["X-Request-ID"]) == 12


def test_the_id_stands_in_the_log() -> None:
    context = contextvars.Context()
    context.run(request_ids.current.set, "call-7")
    assert context.run(logged).endswith("INFO site said\\nmore request=call-7")
    assert contextvars.Context().run(logged).endswith("more")


def logged() -> str:
    Known().filter(RECORD)
    return OneLine().format(RECORD)
