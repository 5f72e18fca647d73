"""A large generated workspace: 100,000 entities, 400,000 relations, 100,000 chunks.

A few entities have many mentions, as in real text. Names, words and vectors are drawn
from the same topics, so that the retrievers of a question find the same rows. Rows are
copied in without triggers: the AGE graph stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.index import search_rows

ENTITIES, RELATIONS, CHUNKS = 100_000, 400_000, 100_000
PER_DOCUMENT, PER_CHUNK = 10, 10
TOPICS, WORDS = 500, 50
DIMENSIONS = 64

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class Corpus:
    """The generated data; the same in every run."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        parts = ("ka", "lo", "mi", "ru", "se", "ta", "vo", "zen", "dar", "fil")
        self.words = np.array(["".join(some) for some in product(parts, repeat=4)])
        self.topics = self._units(self.random.normal(size=(TOPICS, DIMENSIONS)))
        # Squared, so that the first entities are mentioned far more often than the last.
        drawn = (CHUNKS, PER_CHUNK)
        topic = self.random.integers(0, TOPICS, CHUNKS)
        place = (ENTITIES // TOPICS * self.random.random(drawn) ** 2).astype(np.int64)
        self.chunk_topic = topic
        self.mentioned = place * TOPICS + topic[:, None]
        hubs = self.random.random(drawn) < 0.05
        self.mentioned[hubs] = self.random.integers(0, 50, int(hubs.sum()))
        self.ends, self.said_in = self._relations()

    def _units(self, rows: Any) -> Floats:
        unit: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")
        return unit

    def vectors(self, topics: Ints, noise: float = 1.0) -> Floats:
        """Return vectors near their topics, with a cosine of about 0.7."""
        size = (len(topics), DIMENSIONS)
        spread = self.random.normal(size=size) * noise / DIMENSIONS**0.5
        return self._units(self.topics[topics] + spread)

    def _relations(self) -> tuple[Ints, Ints]:
        chunks = self.random.integers(0, CHUNKS, RELATIONS * 2)
        picks = self.random.integers(0, PER_CHUNK, (RELATIONS * 2, 2))
        ends = np.sort(self.mentioned[chunks[:, None], picks], axis=1)
        _, first = np.unique(ends, axis=0, return_index=True)
        first = first[ends[first, 0] < ends[first, 1]]
        chosen = np.sort(first)[:RELATIONS]
        return ends[chosen], chunks[chosen]

    def name(self, entity: int) -> str:
        """Return a unique name of two words."""
        count = len(self.words)
        return f"{self.words[entity % count]} {self.words[(entity * 7 + entity // count) % count]}"

    def text(self, chunk: int) -> str:
        """Return a text with the names of the chunk's entities and words of its topic."""
        base = int(self.chunk_topic[chunk]) * 17 % len(self.words)
        drawn = base + self.random.zipf(1.5, WORDS) % 2_000
        words = self.words[drawn % len(self.words)].tolist()
        for number, entity in enumerate(self.mentioned[chunk].tolist()):
            words.insert(number * 5, self.name(entity))
        return " ".join(words)

    def question(self, number: int) -> str:
        """Return a question about two names and some words of one chunk."""
        first, second = self.mentioned[number * 97 % CHUNKS, :2].tolist()
        return f"How does {self.name(first)} hang together with {self.name(second)}?"

    def question_vector(self, number: int) -> Floats:
        """Return a vector near the topic of the chunk."""
        topic = self.chunk_topic[[number * 97 % CHUNKS]]
        found: Floats = self.vectors(topic, 0.7)[0]
        return found


def load(name: str, corpus: Corpus) -> Workspace:
    """Return the workspace; fill it if it is empty, which takes minutes."""
    workspace = lookup.ensure(name)
    if workspace.chunks.exists():
        return workspace
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for kind in ("chunk", "entity", "relation"):
            _without_index(cursor, f"search_{kind}_{workspace.pk}")
        for table, columns, rows in _tables(workspace.pk, corpus):
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        for kind in ("chunk", "entity", "relation"):
            _with_index(cursor, f"search_{kind}_{workspace.pk}", kind)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return workspace


def _without_index(cursor: Any, table: str) -> None:
    cursor.execute(f"DROP INDEX IF EXISTS {table}_hnsw, {table}_bm25")


def _with_index(cursor: Any, table: str, kind: str) -> None:
    cursor.execute(
        f"CREATE INDEX {table}_hnsw ON {table} USING hnsw"
        f" ((vector::halfvec({DIMENSIONS})) halfvec_cosine_ops)"
    )
    if kind != "relation":
        cursor.execute(
            f"CREATE INDEX {table}_bm25 ON {table} USING bm25 (lexical)"
            " WITH (text_config = 'simple')"
        )


Table = tuple[str, str, Iterable[Sequence[Any]]]
NOW = "2025-01-01T00:00:00Z"


def _tables(workspace: int, corpus: Corpus) -> Iterable[Table]:
    """Ids begin at 1; `base` keeps those of several workspaces apart."""
    base = workspace * 10_000_000
    documents = range(CHUNKS // PER_DOCUMENT)
    yield (
        "documents_document",
        "id, workspace_id, public_id, name, status, source_path, content_summary,"
        " content_length, content_hash, track_id, chunks_count, error_msg, chunking,"
        " metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at",
        (
            (base + n, workspace, f"doc-{n}", f"{n}.txt", "processed", "", "", 0, "",
             "t", PER_DOCUMENT, "", "{}", "{}", "{}", False, 0, "", NOW, NOW)
            for n in documents
        ),
    )  # fmt: skip
    yield from _chunks(workspace, base, corpus)
    yield from _graph(workspace, base, corpus)


def _chunks(workspace: int, base: int, corpus: Corpus) -> Iterable[Table]:
    texts = [corpus.text(n) for n in range(CHUNKS)]
    yield (
        "documents_chunk",
        'id, workspace_id, document_id, "order", content, tokens, headings, content_hash',
        (
            (base + n, workspace, base + n // PER_DOCUMENT, n % PER_DOCUMENT, text, 140,
             [], "")
            for n, text in enumerate(texts)
        ),
    )  # fmt: skip
    vectors = corpus.vectors(corpus.chunk_topic)
    yield (
        "search_chunk",
        "workspace_id, chunk_id, vector, lexical, text_hash",
        (
            (workspace, base + n, search_rows.vector_text(vectors[n]), text, "")
            for n, text in enumerate(texts)
        ),
    )


def _graph(workspace: int, base: int, corpus: Corpus) -> Iterable[Table]:
    degrees = np.bincount(corpus.ends.ravel(), minlength=ENTITIES)
    names = [corpus.name(n) for n in range(ENTITIES)]
    yield (
        "graph_entity",
        "id, workspace_id, name, entity_type, description, degree, fragments, summary,"
        " summary_upto, summary_count, manual, edited_type, edited_description,"
        " created_at, updated_at",
        (
            (base + n, workspace, f"{name} {n}", "thing", f"{name} is one of many things.",
             int(degrees[n]), 1, "", 0, 0, False, "", "", NOW, NOW)
            for n, name in enumerate(names)
        ),
    )  # fmt: skip
    vectors = corpus.vectors(np.arange(ENTITIES) % TOPICS)
    yield (
        "search_entity",
        "workspace_id, entity_id, vector, lexical, text_hash, name_key",
        (
            (workspace, base + n, search_rows.vector_text(vectors[n]), name, "", name)
            for n, name in enumerate(names)
        ),
    )
    yield (
        "graph_entitymention",
        "entity_id, chunk_id, said_name, entity_type, description",
        (
            (
                base + entity,
                base + n,
                names[entity],
                "thing",
                f"{names[entity]} is there.",
            )
            for n, row in enumerate(corpus.mentioned.tolist())
            for entity in dict.fromkeys(row)
        ),
    )
    yield from _edges(workspace, base, corpus)


def _edges(workspace: int, base: int, corpus: Corpus) -> Iterable[Table]:
    ends = (corpus.ends + base).tolist()
    said_in = (corpus.said_in + base).tolist()
    yield (
        "graph_relation",
        "id, workspace_id, source_id, target_id, description, keywords, weight,"
        " fragments, summary, summary_upto, summary_count, manual, edited_description,"
        " edited_keywords, created_at, updated_at",
        (
            (base + n, workspace, *pair, "They hang together.", "link", 1.0, 1, "", 0, 0,
             False, "", "", NOW, NOW)
            for n, pair in enumerate(ends)
        ),
    )  # fmt: skip
    yield (
        "graph_relationmention",
        "relation_id, chunk_id, said_source, said_target, description, keywords, weight",
        (
            (base + n, chunk, "a", "b", "They hang together.", "link", 1.0)
            for n, chunk in enumerate(said_in)
        ),
    )
    for start in range(0, len(ends), ENTITIES):
        topics = corpus.ends[start : start + ENTITIES, 0] % TOPICS
        vectors = corpus.vectors(topics)
        yield (
            "search_relation",
            "workspace_id, relation_id, vector, text_hash",
            (
                (workspace, base + start + n, search_rows.vector_text(row), "")
                for n, row in enumerate(vectors)
            ),
        )
