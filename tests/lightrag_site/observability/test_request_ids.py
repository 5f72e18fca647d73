"""Request ids in responses and in the log."""

from __future__ import annotations

import contextvars
import logging

from django.test import AsyncClient, Client

from lightrag_site.observability import request_ids
from lightrag_site.observability.logs import ContextFilter, LineFormatter

RECORD = logging.LogRecord("site", logging.INFO, "", 0, "said\nmore", (), None)


def test_the_id_of_the_client_is_returned(client: Client, db: None) -> None:
    response = client.get("/ready", headers={"X-Request-ID": "call-7"})
    assert response["X-Request-ID"] == "call-7"


async def test_an_invalid_id_is_replaced(async_client: AsyncClient, db: None) -> None:
    response = await async_client.get("/nowhere", headers={"X-Request-ID": "a b"})
    assert len(response["X-Request-ID"]) == 12


def test_the_id_is_logged() -> None:
    context = contextvars.Context()
    context.run(request_ids.current.set, "call-7")
    assert context.run(logged).endswith("INFO site said\\nmore request=call-7")
    assert contextvars.Context().run(logged).endswith("more")


def logged() -> str:
    ContextFilter().filter(RECORD)
    return LineFormatter().format(RECORD)
