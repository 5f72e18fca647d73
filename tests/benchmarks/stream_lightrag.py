"""LightRAG's own server with the streaming model, to be measured beside ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.benchmarks import lightrag_server


@contextmanager
def running(python: str, model: int, text: str) -> Iterator[int]:
    """Run a server that has processed `text`; yield its port."""
    variables = {
        **lightrag_server.models(f"http://127.0.0.1:{model}/v1"),
        "ENABLE_LLM_CACHE": "false",
        "MAX_ASYNC": "1000",
        "MAX_ASYNC_LLM": "1000",
        "EMBEDDING_FUNC_MAX_ASYNC": "1000",
    }
    with lightrag_server.running(python, variables) as http:
        upload(http, text)
        port = http.base_url.port
        assert port is not None
        yield port


def upload(http: httpx.Client, text: str) -> None:
    http.post("/documents/text", json={"text": text, "file_source": "radium.txt"})
    end = time.monotonic() + 60
    while time.monotonic() < end:
        counts = http.get("/documents/status_counts").json()["status_counts"]
        if counts.get("processed"):
            return
        time.sleep(0.2)
    raise RuntimeError(f"LightRAG did not process the text: {counts}")
