"""Fixtures of the tests of the Ollama dialect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import ollama
import pytest

from tests.compat_api.serving import Served

QUESTION = "Who discovered radium?"


@pytest.fixture
def client(served: Served) -> Iterator[ollama.Client]:
    with closing(ollama.Client(host=served.base_url)) as client:
        yield client


def ask(client: ollama.Client, content: str = QUESTION, **options: Any) -> Any:
    options.setdefault("model", "lightrag:latest")
    options.setdefault("messages", [{"role": "user", "content": content}])
    return client.chat(**options)
