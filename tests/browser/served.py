"""The server that all browser tests share, and workspaces of their own in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import httpx
import psycopg
from playwright.sync_api import Page

from compat_api.webui import selected_workspace
from lightrag_site import paths
from tests import live_server
from tests.benchmarks import passage_index
from tests.benchmarks.replaying_provider import ReplayingProvider
from tests.browser.material import Material

PASSWORD = "a-password-for-tests"
LATENCY = 0.05
LIBRARY = "library"
NEW_WORKSPACE = """
INSERT INTO documents_workspace
    (name, embedding_model, embedding_dimensions, version, created_at)
VALUES (%(name)s, 'fake:hash', 64, 0, now())
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server with a worker. The workspace `library` holds the material."""

    url: str
    client: httpx.Client
    folder: Path
    material: Material
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def workspace(self, name: str = "") -> str:
        """The name of a new, empty workspace."""
        made = name or f"browser_{next(self.numbers)}"
        self.execute(NEW_WORKSPACE, name=made)
        return made

    def execute(self, statement: LiteralString, **values: object) -> None:
        """Run a statement in the server's database, where nothing else gets a page so far."""
        socket = paths.of(self.folder / "rag_storage").postgres_socket_dir
        where = f"host={socket} user=postgres dbname=lightrag"
        with psycopg.connect(where) as database:
            database.execute(statement, values)

    def enter(self, page: Page, workspace: str) -> None:
        """From its next address on, the page is about this workspace."""
        page.context.add_cookies(
            [{"name": selected_workspace.COOKIE, "value": workspace, "url": self.url}]
        )

    def fill(self, workspace: str) -> None:
        """Read the material into it."""
        headers = {"LIGHTRAG-WORKSPACE": workspace}
        for name, content in self.material.files.items():
            self.client.post(
                "/documents/upload", files={"file": (name, content)}, headers=headers
            ).raise_for_status()
        with httpx.Client(base_url=self.url, headers=headers, timeout=60) as client:
            live_server.settle(client, len(self.material.files))


@contextmanager
def running(material: Material) -> Iterator[Site]:
    """Run a server with stand-in models: replayed extractions, hashes as vectors."""
    index = passage_index.load(medical=str(material.extractions))
    provider = ReplayingProvider(index, LATENCY)
    variables = {
        **provider.settings,
        "EMBEDDING_BINDING": "fake",
        "COSINE_THRESHOLD": "0",
        "ADMIN_PASSWORD": PASSWORD,
        "LOG_LEVEL": "WARNING",
    }
    with live_server.started(variables) as server:
        url = str(server.client.base_url).rstrip("/")
        site = Site(url, server.client, server.folder, material)
        site.fill(site.workspace(LIBRARY))
        yield site
    provider.shutdown()
