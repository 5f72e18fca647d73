"""The server behind PgBouncer in transaction mode. Skipped if PgBouncer isn't installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import live_server, scratch_postgres
from tests.waiting import wait_until

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
CONFIGURATION = """
[databases]
lightrag = host={postgres} dbname=lightrag
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 6
server_reset_query = DISCARD ALL
ignore_startup_parameters = extra_float_digits
logfile = {folder}/log
[users]
"""
DOCUMENTS = 12
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed")


@contextmanager
def pgbouncer(postgres: Path, folder: Path) -> Iterator[None]:
    """Run PgBouncer with 6 connections to PostgreSQL for each user."""
    file = folder / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(postgres=postgres, folder=folder).replace(
            "dbname=lightrag", "dbname=lightrag user=lightrag"
        )
    )
    folder.chmod(0o777)
    owner = postgres.stat()  # PgBouncer, like PostgreSQL, refuses root
    identity: dict[str, Any] = (
        {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        if os.getuid() == 0
        else {}
    )
    process = subprocess.Popen([str(PROGRAM), "-q", str(file)], **identity)
    try:
        wait_until((folder / ".s.PGSQL.6432").exists)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    """Migrate with a direct connection; then serve through PgBouncer."""
    models = {"LLM_BINDING": "fake", "EMBEDDING_BINDING": "fake", "WORKERS": "2"}
    with live_server.scratch_folder() as folder, scratch_postgres.running() as postgres:
        direct = {**models, "POSTGRES_HOST": str(postgres), "POSTGRES_USER": "lightrag"}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            check=True,
            env={**live_server.untouched(), **direct},
        )
        with pgbouncer(postgres, folder):
            pooled = {"POSTGRES_HOST": str(folder), "POSTGRES_PORT": "6432"}
            with live_server.running({**direct, **pooled}) as client:
                live_server.wait_for_worker(client)
                upload(client)
                yield client


def upload(client: httpx.Client) -> None:
    texts = [f"Ada{n} Lovelace met Bob{n} Babbage in Paris." for n in range(DOCUMENTS)]
    names = [f"{n}.txt" for n in range(DOCUMENTS)]
    body = {"texts": texts, "file_sources": names}
    client.post("/documents/texts", json=body).raise_for_status()
    live_server.settle(client, DOCUMENTS)


def test_processed_documents_answer_questions(site: httpx.Client) -> None:
    for number in range(3):
        question = {"query": f"Whom did Ada{number} Lovelace meet?", "mode": "mix"}
        data = site.post("/query/data", json=question).json()["data"]
        assert any(f"Ada{number}" in chunk["content"] for chunk in data["chunks"])


def test_cypher_is_limited_to_reading_and_to_its_time(site: httpx.Client) -> None:
    rows = site.post("/graph/cypher", json={"query": "MATCH (n) RETURN count(n)"})
    assert rows.json()["rows"][0][0] > 0
    write = site.post("/graph/cypher", json={"query": "CREATE (n {a: 1}) RETURN n"})
    assert write.status_code == 400


def test_a_document_is_deleted(site: httpx.Client) -> None:
    page = site.post("/documents/paginated", json={"page": 1, "page_size": 20}).json()
    name = f"{DOCUMENTS - 1}.txt"
    ids = [row["id"] for row in page["documents"] if row["file_path"] == name]
    site.request("DELETE", "/documents/delete_document", json={"doc_ids": ids})

    def is_gone() -> bool:
        page = site.post("/documents/paginated", json={"page": 1, "page_size": 20})
        return all(row["id"] != ids[0] for row in page.json()["documents"])

    wait_until(is_gone)
