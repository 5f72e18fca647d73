"""Upstream's own server on the same model, to be measured beside ours."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import httpx
from bpe_openai import get_encoding

from tests import live_server

RANKS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
"""Where tiktoken would download its table from; it looks for it by this address."""


@contextmanager
def running(python: str, model: int, text: str) -> Iterator[int]:
    """The port of a server that has read `text`."""
    port = live_server.free_port()
    with tempfile.TemporaryDirectory(prefix="lightrag-upstream-") as folder:
        keep_ranks(Path(folder))
        process = subprocess.Popen(
            [str(Path(python).with_name("lightrag-server")), "--host=127.0.0.1"],
            cwd=folder,
            env=live_server.untouched() | variables(folder, port, model),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
                live_server.wait_for(http, process)
                read(http, text)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)


def variables(folder: str, port: int, model: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{model}/v1"
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "TIKTOKEN_CACHE_DIR": folder,
        "LLM_BINDING": "openai",
        "LLM_MODEL": "stand-in",
        "LLM_BINDING_HOST": url,
        "LLM_BINDING_API_KEY": "none",
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_MODEL": "stand-in",
        "EMBEDDING_DIM": "64",
        "EMBEDDING_BINDING_HOST": url,
        "EMBEDDING_BINDING_API_KEY": "none",
        "ENABLE_LLM_CACHE": "false",
        "RERANK_BINDING": "null",
        "MAX_ASYNC": "1000",
        "MAX_ASYNC_LLM": "1000",
        "EMBEDDING_FUNC_MAX_ASYNC": "1000",
        "LOG_LEVEL": "ERROR",
    }


def keep_ranks(folder: Path) -> None:
    """tiktoken's table, out of the package that has the same one offline."""
    tokens = get_encoding("o200k_base").token_byte_values()
    plain = takewhile(bool, tokens)  # special ones stand behind a gap
    lines = (b"%b %d\n" % (base64.b64encode(t), n) for n, t in enumerate(plain))
    name = hashlib.sha1(RANKS.encode(), usedforsecurity=False).hexdigest()
    (folder / name).write_bytes(b"".join(lines))


def read(http: httpx.Client, text: str) -> None:
    http.post("/documents/text", json={"text": text, "file_source": "radium.txt"})
    end = time.monotonic() + 60
    while time.monotonic() < end:
        counts = http.get("/documents/status_counts").json()["status_counts"]
        if counts.get("processed"):
            return
        time.sleep(0.2)
    raise RuntimeError(f"Upstream did not read the text: {counts}")
