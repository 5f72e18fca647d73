"""A provider to talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.retrieval.llm.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    yield server
    server.stop()


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    server = Provider()
    server.stop()
    return server.url
