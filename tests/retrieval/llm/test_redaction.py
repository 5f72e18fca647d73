"""Tests of the removal of secrets from logs and errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from lightrag_site.observability.logs import JsonLineFormatter, LineFormatter
from retrieval.llm import errors, text_cleaning


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    text_cleaning.set_secrets(["sk-very-secret-key", "short"])
    yield
    text_cleaning.set_secrets([])


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("at http://user:pw@host:1/v1", "at http://***@host:1/v1"),
        ("redis://:pw@host", "redis://***@host"),
        (
            "GET /query?api_key_header_value=abc&x=1",
            "GET /query?api_key_header_value=***&x=1",
        ),
        ("key sk-very-secret-key is wrong", "key *** is wrong"),
        ("a short text at http://host/a:b@c", "a short text at http://host/a:b@c"),
    ],
)
def test_secrets_are_hidden(text: str, redacted: str) -> None:
    assert text_cleaning.redact(text) == redacted
    assert str(errors.ProviderDown(text)) == redacted


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonLineFormatter()])
def test_logs_contain_no_secrets(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("http://user:pw@host")
    except ValueError as error:
        record = logging.LogRecord(
            *("x", logging.ERROR, "", 1, "%s", ("sk-very-secret-key",)),
            (type(error), error, error.__traceback__),
        )
    output = formatter.format(record)
    assert "sk-very" not in output
    assert ":pw@" not in output
