"""Upstream's own server, to be measured beside ours."""

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
"""Where tiktoken would download its table from; it looks for it by this address."""


def python() -> str | None:
    """A Python that has `lightrag-hku[api]`, where one is named."""
    return os.environ.get("LIGHTRAG_UPSTREAM_PYTHON")


@contextmanager
def running(python: str, variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    """A client of a server with file stores, in a folder of its own."""
    port = live_server.free_port()
    with tempfile.TemporaryDirectory(prefix="lightrag-upstream-") as folder:
        keep_ranks(Path(folder))
        own = {"PATH": os.environ["PATH"], "PORT": str(port)}
        process = subprocess.Popen(
            [str(Path(python).with_name("lightrag-server")), "--host=127.0.0.1"],
            cwd=folder,
            env={
                **live_server.untouched(),
                **own,
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
    """Both models are the stand-in's at `url`."""
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


def keep_ranks(folder: Path) -> None:
    """tiktoken's table, out of the package that has the same one offline."""
    tokens = get_encoding("o200k_base").token_byte_values()
    plain = takewhile(bool, tokens)  # special ones stand behind a gap
    lines = (b"%b %d\n" % (base64.b64encode(t), n) for n, t in enumerate(plain))
    name = hashlib.sha1(RANKS.encode(), usedforsecurity=False).hexdigest()
    (folder / name).write_bytes(b"".join(lines))
