"""A page of headless Chromium on its own server, whose database statements fill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from lightrag_site import paths
from tests import chromium, live_server
from tests.live_server import LiveServer

STAND_INS = {"LLM_BINDING": "fake", "EMBEDDING_BINDING": "fake", "LOG_LEVEL": "WARNING"}
# Measures a machine without a graphics card: the processor draws, also WebGL.
FLAGS = ("--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")


@contextmanager
def opened(
    console: Console, variables: Mapping[str, str], fill: str
) -> Iterator[Page | None]:
    """Yield a page that resolves paths against the server; None without a browser."""
    if not chromium.PATH:
        console.print("Chromium is not installed.")
        yield None
        return
    with (
        live_server.started({**STAND_INS, **variables}) as server,
        sync_playwright() as playwright,
    ):
        run(server, fill)
        browser = playwright.chromium.launch(
            executable_path=chromium.PATH, args=[*FLAGS]
        )
        yield browser.new_page(
            base_url=str(server.client.base_url),
            viewport={"width": 1440, "height": 900},
        )
        browser.close()


def run(server: LiveServer, statements: str) -> None:
    """Run the statements in the server's database, one by one."""
    server.client.get("/graph/label/list").raise_for_status()  # creates the workspace
    socket = paths.of(server.folder / "rag_storage").postgres_socket_dir
    where = f"host={socket} user=postgres dbname=lightrag"
    with psycopg.connect(where, autocommit=True) as database:
        for statement in statements.split(";"):
            database.execute(statement)
        database.execute("VACUUM ANALYZE")
