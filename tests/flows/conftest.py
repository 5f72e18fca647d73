"""A provider over real HTTP that answers by rule, for a server to be put on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Provider


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    server = Provider()
    server.respond = stand_in_provider.respond
    yield server
    server.stop()


@pytest.fixture
def answering(provider: Provider) -> Iterator[Provider]:
    """The provider, whose answers a test may change until it is over."""
    yield provider
    provider.respond = stand_in_provider.respond
