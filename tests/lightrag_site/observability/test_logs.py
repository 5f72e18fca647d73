"""Log lines in both formats."""

from __future__ import annotations

import contextvars
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.test import AsyncClient, Client

from documents.pipeline.log_context import document_id
from lightrag_site.observability import logs
from lightrag_site.observability.logs import ContextFilter, LineFormatter


@pytest.fixture
def context() -> Iterator[None]:
    """Set the current request and document."""
    request = logs.current_request_id.set("req1")
    document = document_id.set("doc-1")
    yield
    document_id.reset(document)
    logs.current_request_id.reset(request)


def formatted(form: str, message: str, **extra: str) -> str:
    """Return one formatted record."""
    record = logging.getLogger("documents.pipeline.transitions").makeRecord(
        "documents.pipeline.transitions",
        logging.WARNING,
        "f",
        1,
        message,
        (),
        None,
        extra=extra,
    )
    logs.ContextFilter().filter(record)
    return logs.FORMATTERS[form]().format(record)


def test_a_line_ends_with_the_ids_of_document_and_request(context: None) -> None:
    line = formatted("line", "Failed: no answer")
    assert line.endswith(
        "WARNING documents.pipeline.transitions Failed: no answer document=doc-1 request=req1"
    )


def test_a_line_without_context_has_no_ids() -> None:
    line = contextvars.Context().run(formatted, "line", "Started")
    assert line.endswith("documents.pipeline.transitions Started")


def test_json_has_the_same_fields(context: None) -> None:
    line = json.loads(formatted("json", "壞了"))
    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "documents.pipeline.transitions",
        "message": "壞了",
        "document": "doc-1",
        "request": "req1",
    }


def test_the_document_of_the_call_takes_precedence(context: None) -> None:
    assert json.loads(formatted("json", "Processed", document="doc-2"))["document"] == (
        "doc-2"
    )


def test_line_breaks_in_messages_are_escaped() -> None:
    assert "\n" not in formatted("line", "one\ntwo")
    assert "\n" not in formatted("json", "one\ntwo")


RECORD = logging.LogRecord("site", logging.INFO, "", 0, "said\nmore", (), None)


def test_the_id_of_the_client_is_returned(client: Client, db: None) -> None:
    response = client.get("/ready", headers={"X-Request-ID": "call-7"})
    assert response["X-Request-ID"] == "call-7"


async def test_an_invalid_id_is_replaced(async_client: AsyncClient, db: None) -> None:
    response = await async_client.get("/nowhere", headers={"X-Request-ID": "a b"})
    assert len(response["X-Request-ID"]) == 12


def test_the_id_is_logged() -> None:
    context = contextvars.Context()
    context.run(logs.current_request_id.set, "call-7")
    assert context.run(logged).endswith("INFO site said\\nmore request=call-7")
    assert contextvars.Context().run(logged).endswith("more")


def logged() -> str:
    ContextFilter().filter(RECORD)
    return LineFormatter().format(RECORD)
