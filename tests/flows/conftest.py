"""Fixtures: a provider over HTTP that answers by rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as server:
        server.respond = stand_in_provider.respond
        yield server


@pytest.fixture
def answering(provider: Provider) -> Iterator[Provider]:
    """Return the provider; a test may change its answers."""
    yield provider
    provider.respond = stand_in_provider.respond
