"""The site on a port, in a thread of this process, for network clients."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn
from django.db import connection
from django.test import override_settings

from documents.intake import uploads
from documents.models import Workspace
from documents.pipeline import pipeline
from lightrag_site.asgi import application
from lightrag_site.configuration.config_classes import LightRAGConfig, NamedModelConfig
from tests import live_server
from tests.models import FakeModels

TEXTS = {
    "curie.txt": "Marie Curie discovered radium in Paris in 1898. "
    "She shared the Nobel Prize with Pierre Curie.",
    "einstein.txt": "Albert Einstein developed general relativity in Berlin.",
}


@dataclass(frozen=True)
class Served:
    """A running site; `models` are its scripted test models."""

    base_url: str
    workspace: Workspace
    other: Workspace
    models: FakeModels

    @property
    def openai_url(self) -> str:
        return f"{self.base_url}/v1"


@contextmanager
def site(application: object) -> Iterator[str]:
    """Serve an ASGI application and yield its URL."""
    port = live_server.free_port()
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        port=port,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="served", daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextmanager
def workspaces() -> Iterator[tuple[Workspace, Workspace]]:
    """Create two committed workspaces, visible to the server's own connections."""
    created = [
        Workspace.objects.create(
            name=name, embedding_model="fake:hash", embedding_dimensions=64
        )
        for name in ("served", "other")
    ]
    try:
        yield created[0], created[1]
    finally:
        Workspace.objects.filter(name__in=["served", "other"]).delete()
        connection.close()


def configured(models: FakeModels) -> LightRAGConfig:
    """Return the settings of the site with test models and two named models."""
    config = models.configure(LightRAGConfig())
    named = (
        NamedModelConfig(
            "poet", "naive", "", {"top_k": 3}, system_prompt="Answer in verse."
        ),
        NamedModelConfig("elsewhere", "mix", "other"),
    )
    return replace(
        config,
        server=replace(config.server, workspace="served", chat_models=named),
        query=replace(config.query, llm_cache=False),
    )


@contextmanager
def running() -> Iterator[Served]:
    """Serve the site with two documents in one workspace and one in another."""
    models = FakeModels()
    with (
        workspaces() as (workspace, other),
        override_settings(LIGHTRAG=configured(models)),
        site(application) as base_url,
    ):
        add(workspace, TEXTS)
        add(other, {"secret.txt": "Ada Lovelace wrote the first program in London."})
        yield Served(base_url, workspace, other, models)


def add(workspace: Workspace, texts: dict[str, str]) -> None:
    items = [uploads.TextItem(text, name) for name, text in texts.items()]
    uploads.accept_texts(workspace, items, track_id="t")
    pipeline.work(workspace.pk)
