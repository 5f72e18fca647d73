"""What a line of the log says, in both forms."""

from __future__ import annotations

import contextvars
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest

from documents.pipeline.log_context import subject
from lightrag_site.observability import logs, request_ids


@pytest.fixture
def about() -> Iterator[None]:
    """Within a request, on behalf of a document."""
    request = request_ids.current.set("req1")
    document = subject.set("doc-1")
    yield
    subject.reset(document)
    request_ids.current.reset(request)


def written(form: str, message: str, **extra: str) -> str:
    """What one call of a logger comes out as."""
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
    logs.Known().filter(record)
    return logs.FORMATTERS[form]().format(record)


def test_a_line_ends_with_the_ids_it_is_about(about: None) -> None:
    line = written("line", "Failed: no answer")
    assert line.endswith(
        "WARNING documents.pipeline.transitions Failed: no answer document=doc-1 request=req1"
    )


def test_a_line_of_nothing_special_has_no_ids() -> None:
    line = contextvars.Context().run(written, "line", "Started")
    assert line.endswith("documents.pipeline.transitions Started")


def test_json_has_the_same_in_fields(about: None) -> None:
    line = json.loads(written("json", "壞了"))
    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "documents.pipeline.transitions",
        "message": "壞了",
        "document": "doc-1",
        "request": "req1",
    }


def test_a_document_named_by_the_call_wins(about: None) -> None:
    assert json.loads(written("json", "Processed", document="doc-2"))["document"] == (
        "doc-2"
    )


def test_no_message_makes_a_second_line() -> None:
    assert "\n" not in written("line", "one\ntwo")
    assert "\n" not in written("json", "one\ntwo")
