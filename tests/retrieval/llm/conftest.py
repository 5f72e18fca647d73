"""Fixtures: a provider over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.retrieval.llm.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        yield server


@pytest.fixture
def unused_address() -> str:
    """Return an address without a server."""
    with Provider() as server:
        return server.url
