"""Ten thousand workspaces with 100,000 documents on one server, and one that grows.

`python -m tests.benchmarks workspaces [workspaces] [documents] [chunks]`. Rows are
inserted by SQL with random vectors. The table compares a server with one workspace.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import crash

DIMENSIONS = 384
SERVER = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "EMBEDDING_DIM": str(DIMENSIONS),
    "COSINE_THRESHOLD": "-1",
    "LOG_LEVEL": "WARNING",
}
QUESTION = "Which word40 is near word7 and word300?"
QUERIES, CREATED, DELETED = 200, 100, 20
GROW_ROWS = 1000
"""Chunks of the growing workspace that one transaction adds."""

VECTORS = f"""
CREATE UNLOGGED TABLE IF NOT EXISTS bench_vectors AS
SELECT n, l2_normalize((
    SELECT array_agg(random() - 0.5 + (n + i) * 0) FROM generate_series(1, {DIMENSIONS}) i
)::real[]::halfvec) AS vector FROM generate_series(0, 999) n
"""

WORKSPACES = """
INSERT INTO documents_workspace
    (name, embedding_model, embedding_dimensions, version, created_at)
SELECT 'bench' || n, model.embedding_model, model.embedding_dimensions, 0, now()
FROM generate_series(%(first)s::int, %(last)s) n,
    (SELECT * FROM documents_workspace WHERE name = 'default') model
"""

# Documents of one chunk of 20 words, with two entities and one relation each.
DOCUMENTS = """
WITH places AS (
    SELECT w.id AS workspace, w.search_index AS index, k, w.id * 1000 + k AS number,
        (SELECT string_agg('word' || (abs(hashint8(w.id * 31 + k * 977 + i * i)) %% 400), ' ')
         FROM generate_series(1, 20) i) AS text
    FROM documents_workspace w, generate_series(%(from)s::int, %(to)s) k
    WHERE w.name = ANY(%(names)s)
), documents AS (
    INSERT INTO documents_document (workspace_id, public_id, name, status, source_path,
        content_summary, content_length, content_hash, track_id, chunks_count, error_msg,
        chunking, metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at)
    SELECT workspace, 'doc-' || number, k || '.txt', 'processed', '', '', 120,
        md5(number::text), 't', 1, '', '{}', '{}', '{}', false, 0, '', now(), now()
    FROM places RETURNING id, workspace_id, public_id
), chunks AS (
    INSERT INTO documents_chunk (workspace_id, document_id, "order", content, tokens,
        headings, content_hash)
    SELECT d.workspace_id, d.id, 0, p.text, 20, '{}', md5(p.text)
    FROM documents d JOIN places p ON 'doc-' || p.number = d.public_id
        AND p.workspace = d.workspace_id
    RETURNING id, workspace_id, document_id, content, content_hash
), entities AS (
    INSERT INTO graph_entity (workspace_id, name, entity_type, description, degree,
        fragments, summary, summary_upto, summary_count, manual, edited_type,
        edited_description, created_at, updated_at)
    SELECT workspace, 'Thing ' || k || ' ' || e, 'thing', 'It is near others.', 1, 1, '', 0,
        0, false, '', '', now(), now()
    FROM places, generate_series(1, 2) e WHERE %(graph)s
    RETURNING id, workspace_id, name
), named AS (
    SELECT p.workspace, p.k, p.index, c.id AS chunk, c.content, a.id AS a, b.id AS b
    FROM places p JOIN documents d ON d.public_id = 'doc-' || p.number
    JOIN chunks c ON c.document_id = d.id
    LEFT JOIN entities a ON a.workspace_id = p.workspace AND a.name = 'Thing ' || k || ' 1'
    LEFT JOIN entities b ON b.workspace_id = p.workspace AND b.name = 'Thing ' || k || ' 2'
), mentions AS (
    INSERT INTO graph_entitymention
        (entity_id, chunk_id, mentioned_name, entity_type, description)
    SELECT end_id, chunk, 'Thing', 'thing', 'It is near others.'
    FROM named, unnest(ARRAY[a, b]) AS end_id WHERE a IS NOT NULL
), relations AS (
    INSERT INTO graph_relation (workspace_id, source_id, target_id, description, keywords,
        weight, fragments, summary, summary_upto, summary_count, manual,
        edited_description, edited_keywords, created_at, updated_at)
    SELECT workspace, least(a, b), greatest(a, b), 'They are near.', 'near', 1, 1, '', 0, 0,
        false, '', '', now(), now()
    FROM named WHERE a IS NOT NULL RETURNING id, workspace_id
), found_entities AS (
    INSERT INTO search_entity (index_id, entity_id, vector, lexical, text_hash, name_key)
    SELECT w.search_index, e.id, v.vector, lower(e.name),
        md5(e.name || E'\\n' || 'It is near others.'), lower(e.name)
    FROM entities e JOIN documents_workspace w ON w.id = e.workspace_id
    JOIN bench_vectors v ON v.n = e.id %% 1000
), found_relations AS (
    INSERT INTO search_relation (index_id, relation_id, vector, text_hash)
    SELECT w.search_index, r.id, v.vector, ''
    FROM relations r JOIN documents_workspace w ON w.id = r.workspace_id
    JOIN bench_vectors v ON v.n = r.id %% 1000
)
INSERT INTO search_chunk (index_id, chunk_id, vector, lexical, text_hash)
SELECT w.search_index, c.id, v.vector, c.content, c.content_hash
FROM chunks c JOIN documents_workspace w ON w.id = c.workspace_id
JOIN bench_vectors v ON v.n = c.id %% 1000
"""

# What `retrieval.index.own_tables.request_if_large` does.
REQUEST = """
INSERT INTO retrieval_searchindex
    (id, workspace_id, state, embedding_model, embedding_dimensions)
SELECT nextval('search_index_id'), id, 'building', embedding_model, embedding_dimensions
FROM documents_workspace w WHERE id = %s AND search_index < 0 AND (
    SELECT count(*) FROM search_chunk s WHERE s.index_id = w.search_index) > 500
ON CONFLICT DO NOTHING
"""

Connection = psycopg.Connection[Any]


def run(
    console: Console,
    workspaces: int = 10_000,
    documents: int = 100_000,
    chunks: int = 100_000,
) -> None:
    """Print the measurements with one workspace and with many."""
    table = Table("", "one workspace", f"{workspaces:,} workspaces")
    with live_server.scratch_folder() as folder:
        with timed(folder) as single, crash.database(single.live) as connection:
            connection.autocommit = True
            connection.execute(VECTORS)
            add(connection, 0, 0, 1, 10)
            single.measure("bench0")
            single.disk = fill(connection, workspaces, documents)
        with timed(folder) as many, crash.database(many.live) as connection:
            connection.autocommit = True
            many.measure(f"bench{workspaces // 2}")
            grown = Growth(many.live.client, connection, chunks)
            grown.run()
            deletions = [
                delete(many.live.client, f"created{n}") for n in range(DELETED)
            ]
            large = delete(many.live.client, "bench0")
        rows: list[tuple[str, str, str]] = [
            ("start", f"{single.start:.1f} s", f"{many.start:.1f} s"),
            ("stop", f"{single.stop:.1f} s", f"{many.stop:.1f} s"),
            (
                "create a workspace, p50",
                f"{single.create:.0f} ms",
                f"{many.create:.0f} ms",
            ),
            ("query (mix), p50", f"{single.query:.1f} ms", f"{many.query:.1f} ms"),
            (
                "disk of a workspace with one sentence",
                "",
                f"{single.disk / 1000:.0f} kB",
            ),
            ("delete a workspace, p50", "", f"{statistics.median(deletions):.0f} ms"),
            (f"delete one of {chunks:,} chunks", "", f"{large:.0f} ms"),
        ]
    for row in rows:
        table.add_row(*row)
    console.print(table, grown.summary())


class Timed:
    """A running server and its measurements, in milliseconds unless stated."""

    def __init__(self, live: live_server.LiveServer, start: float) -> None:
        self.live = live
        self.start = start
        """Seconds until it responds and a worker runs."""
        self.stop = 0.0
        """Seconds."""
        self.create = self.query = self.disk = 0.0

    def measure(self, workspace: str) -> None:
        client = self.live.client
        self.query = statistics.median(query(client, workspace) for _ in range(QUERIES))
        offset = 0 if client.get("/workspaces/created0").is_error else CREATED
        self.create = statistics.median(
            create(client, f"created{n}") for n in range(offset, offset + CREATED)
        )


@contextmanager
def timed(folder: Path) -> Any:
    """Start a server in the folder; measure start and stop."""
    began = time.perf_counter()
    with live_server.started(SERVER, folder) as live:
        live_server.wait_for_worker(live.client)
        server = Timed(live, time.perf_counter() - began)
        yield server
        began = time.perf_counter()
    server.stop = time.perf_counter() - began


def add(connection: Connection, first: int, last: int, start: int, end: int) -> None:
    """Create workspaces and add documents, numbered from `start` to `end`, to each."""
    connection.execute(WORKSPACES, {"first": first, "last": last})
    for number in range(first, last + 1, 1000):
        names = [f"bench{n}" for n in range(number, min(number + 999, last) + 1)]
        values = {"names": names, "from": start, "to": end, "graph": True}
        connection.execute(DOCUMENTS, values)


def fill(connection: Connection, workspaces: int, documents: int) -> float:
    """Fill the database; return the bytes of a workspace with one document."""
    sample = min(1000, workspaces // 2)
    before = size(connection)
    add(connection, 1, sample, 1, 1)
    per_workspace = (size(connection) - before) / sample
    add(connection, sample + 1, workspaces, 1, documents // workspaces)
    connection.execute("VACUUM ANALYZE")
    return per_workspace


def size(connection: Connection) -> int:
    connection.execute("CHECKPOINT")
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])


class Growth:
    """A workspace that grows while questions are asked."""

    def __init__(
        self, client: httpx.Client, connection: Connection, chunks: int
    ) -> None:
        self.client, self.connection, self.chunks = client, connection, chunks
        self.times: list[float] = []
        self.failed = 0
        self.moved_at = 0
        self._done = threading.Event()

    def run(self) -> None:
        asking = threading.Thread(target=self._ask)
        asking.start()
        for start in range(0, self.chunks, GROW_ROWS):
            with self.connection.transaction():
                self._add(start + 100, start + 99 + GROW_ROWS)
        while not self._is_moved():
            time.sleep(0.5)
        self._done.set()
        asking.join()

    def _add(self, start: int, end: int) -> None:
        row = self.connection.execute(
            "SELECT id FROM documents_workspace WHERE name = 'bench0' FOR NO KEY UPDATE"
        ).fetchone()
        assert row
        values = {"names": ["bench0"], "from": start, "to": end, "graph": False}
        self.connection.execute(DOCUMENTS, values)
        self.connection.execute(REQUEST, row)
        if not self.moved_at and self._is_moved():
            self.moved_at = start

    def _is_moved(self) -> bool:
        row = self.connection.execute(
            "SELECT search_index > 0 FROM documents_workspace WHERE name = 'bench0'"
        ).fetchone()
        return row == (True,)

    def _ask(self) -> None:
        while not self._done.is_set():
            try:
                self.times.append(query(self.client, "bench0"))
            except (httpx.HTTPError, AssertionError):
                self.failed += 1

    def summary(self) -> str:
        p50, longest = statistics.median(self.times), max(self.times)
        return (
            f"{len(self.times)} questions while a workspace grew to {self.chunks:,} chunks"
            f" (own tables from about {self.moved_at:,} on): {self.failed} failed;"
            f" p50 {p50:.1f} ms, longest {longest:.0f} ms"
        )


def query(client: httpx.Client, workspace: str) -> float:
    """Ask a question; return milliseconds. The answer must have chunks."""
    body = {
        "query": QUESTION,
        "mode": "mix",
        "hl_keywords": [QUESTION],
        "ll_keywords": ["Thing"],
    }
    began = time.perf_counter()
    response = client.post(
        "/query/data", json=body, headers={"LIGHTRAG-WORKSPACE": workspace}
    )
    took = (time.perf_counter() - began) * 1000
    response.raise_for_status()
    assert response.json()["data"]["chunks"]
    return took


def create(client: httpx.Client, workspace: str) -> float:
    return milliseconds(lambda: client.post("/workspaces", json={"name": workspace}))


def delete(client: httpx.Client, workspace: str) -> float:
    return milliseconds(lambda: client.delete(f"/workspaces/{workspace}"))


def milliseconds(request: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    request().raise_for_status()
    return (time.perf_counter() - began) * 1000
