"""Fixtures of the tests of the Ollama dialect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import ollama
import pytest

from tests.compat_api.serving import Served


@pytest.fixture
def client(served: Served) -> Iterator[ollama.Client]:
    with closing(ollama.Client(host=served.base_url)) as client:
        yield client
