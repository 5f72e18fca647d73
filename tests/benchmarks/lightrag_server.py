"""LightRAG's own server, to be measured beside ours."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import httpx
from bpe_openai import get_encoding

from tests import live_server

RANKS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
"""The URL of tiktoken's table; its cache is keyed by a hash of the URL."""


def python() -> str | None:
    """Return the path of a Python with `lightrag-hku[api]`, or None."""
    return os.environ.get("LIGHTRAG_SERVER_PYTHON")


@contextmanager
def running(python: str, variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Run a server with file stores in a temporary folder; yield a client of it."""
    port = live_server.free_port()
    with tempfile.TemporaryDirectory(prefix="lightrag-server-") as folder:
        write_token_table(Path(folder))
        required = {"PATH": os.environ["PATH"], "PORT": str(port)}
        process = subprocess.Popen(
            [str(Path(python).with_name("lightrag-server")), "--host=127.0.0.1"],
            cwd=folder,
            env={
                **live_server.untouched(),
                **required,
                "TIKTOKEN_CACHE_DIR": folder,
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
                live_server.wait_for(http, process)
                yield http
        finally:
            process.terminate()
            process.wait(timeout=30)


def models(url: str) -> dict[str, str]:
    """Return settings that use the stand-in at `url` for both models."""
    return {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "stand-in",
        "LLM_BINDING_HOST": url,
        "LLM_BINDING_API_KEY": "none",
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_MODEL": "stand-in",
        "EMBEDDING_DIM": "64",
        "EMBEDDING_BINDING_HOST": url,
        "EMBEDDING_BINDING_API_KEY": "none",
        "RERANK_BINDING": "null",
        "LOG_LEVEL": "ERROR",
    }


def write_token_table(folder: Path) -> None:
    """Write tiktoken's table, taken from a package that ships it, into the cache."""
    tokens = get_encoding("o200k_base").token_byte_values()
    plain = takewhile(bool, tokens)  # special tokens come after a gap
    lines = (b"%b %d\n" % (base64.b64encode(t), n) for n, t in enumerate(plain))
    name = hashlib.sha1(RANKS.encode(), usedforsecurity=False).hexdigest()
    (folder / name).write_bytes(b"".join(lines))
