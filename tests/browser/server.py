"""The server that all browser tests share, with a new workspace for each test."""

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
from tests.browser.samples import Samples

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
    """A running server with a worker. The workspace `library` holds the samples."""

    url: str
    client: httpx.Client
    folder: Path
    samples: Samples
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def workspace(self, name: str = "") -> str:
        """Create an empty workspace and return its name."""
        new = name or f"browser_{next(self.numbers)}"
        self.execute(NEW_WORKSPACE, name=new)
        return new

    def execute(self, statement: LiteralString, **values: object) -> None:
        """Run a statement in the server's database, for states that the UI cannot create."""
        socket = paths.of(self.folder / "rag_storage").postgres_socket_dir
        where = f"host={socket} user=postgres dbname=lightrag"
        with psycopg.connect(where) as database:
            database.execute(statement, values)

    def enter(self, page: Page, workspace: str) -> None:
        """Select the workspace for the next pages."""
        page.context.add_cookies(
            [{"name": selected_workspace.COOKIE, "value": workspace, "url": self.url}]
        )

    def fill(self, workspace: str) -> None:
        """Upload the samples to the workspace and wait until they are processed."""
        headers = {"LIGHTRAG-WORKSPACE": workspace}
        for name, content in self.samples.files.items():
            self.client.post(
                "/documents/upload", files={"file": (name, content)}, headers=headers
            ).raise_for_status()
        with httpx.Client(base_url=self.url, headers=headers, timeout=60) as client:
            live_server.settle(client, len(self.samples.files))


@contextmanager
def running(samples: Samples) -> Iterator[Site]:
    """Run a server with stand-in models: replayed extractions, hashes as vectors."""
    index = passage_index.load(medical=str(samples.extractions))
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
        site = Site(url, server.client, server.folder, samples)
        site.fill(site.workspace(LIBRARY))
        yield site
    provider.shutdown()
    provider.server_close()
