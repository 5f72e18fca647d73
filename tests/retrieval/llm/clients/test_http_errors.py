"""Tests of Retry-After and of the errors of HTTP statuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from retrieval.llm.clients import http_errors
from retrieval.llm.errors import RequestRefused


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_may_be_seconds_milliseconds_or_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert http_errors.retry_after(headers) == seconds


def test_a_future_date_is_counted_from_now() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    wait = http_errors.retry_after({"retry-after": format_datetime(moment)})
    assert wait is not None
    assert 28 <= wait <= 30


def test_the_error_of_a_redirect_names_the_remedy() -> None:
    error = http_errors.from_status(307, "gpt at http://a: 307")
    assert isinstance(error, RequestRefused)
    assert "redirects are not followed" in str(error)
