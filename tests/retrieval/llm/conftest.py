"""Fixtures: a provider over HTTP."""

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
def unused_address() -> str:
    """Return an address without a server."""
    server = Provider()
    server.stop()
    return server.url
