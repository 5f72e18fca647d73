"""A large generated workspace: by default 100,000 chunks, entities and relations each.

A few entities have many mentions, as in real text. Names, words and vectors are drawn
from the same topics, so that the retrievers of a question find the same rows. Numbers and
vectors are copied into staging tables in PostgreSQL's binary format; one statement then
fills each table, without triggers: the AGE graph stays empty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.index import tables

PER_DOCUMENT, PER_CHUNK = 10, 10
ENTITIES_PER_TOPIC, WORDS = 200, 50
BLOCK = 10_000
"""Rows that are generated and copied at once."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# Row ids begin at `base`, which keeps those of several workspaces apart.
STAGE = """
CREATE UNLOGGED TABLE stage_chunk (id bigint, content text);
CREATE UNLOGGED TABLE stage_entity (id bigint, name text);
CREATE UNLOGGED TABLE stage_mention (entity_id bigint, chunk_id bigint);
CREATE UNLOGGED TABLE stage_relation (
    id bigint, source_id bigint, target_id bigint, chunk_id bigint);
CREATE UNLOGGED TABLE stage_chunk_vector (id bigint, vector halfvec);
CREATE UNLOGGED TABLE stage_entity_vector (id bigint, vector halfvec);
CREATE UNLOGGED TABLE stage_relation_vector (id bigint, vector halfvec)
"""
UNSTAGE = """
DROP TABLE stage_chunk, stage_entity, stage_mention, stage_relation,
    stage_chunk_vector, stage_entity_vector, stage_relation_vector
"""
FILL = (
    """
INSERT INTO documents_document (id, workspace_id, public_id, name, status, source_path,
    content_summary, content_length, content_hash, track_id, chunks_count, error_msg,
    chunking, metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at)
SELECT %(base)s + n, %(workspace)s, 'doc-' || n, n || '.txt', 'processed', '', '', 0, '',
    't', %(per_document)s, '', '{}', '{}', '{}', false, 0, '', now(), now()
FROM generate_series(0, %(chunks)s / %(per_document)s - 1) n
""",
    """
INSERT INTO documents_chunk (id, workspace_id, document_id, "order", content, tokens,
    headings, content_hash)
SELECT %(base)s + id, %(workspace)s, %(base)s + id / %(per_document)s,
    id %% %(per_document)s, content, 140, '{}', ''
FROM stage_chunk
""",
    """
INSERT INTO search_chunk (
    index_id, chunk_id, vector, lexical, text_hash, terms, length)
SELECT %(index)s, %(base)s + id, vector, content, '',
    setweight(to_tsvector('simple', content), 'A'), cardinality(string_to_array(content, ' '))
FROM stage_chunk JOIN stage_chunk_vector USING (id)
""",
    """
INSERT INTO graph_entity (id, workspace_id, name, entity_type, description, degree,
    fragments, summary, summary_upto, summary_count, manual, edited_type,
    edited_description, created_at, updated_at)
SELECT %(base)s + id, %(workspace)s, name || ' ' || id, 'thing',
    name || ' is one of many things.', coalesce(degree, 0), 1, '', 0, 0, false, '', '',
    now(), now()
FROM stage_entity LEFT JOIN (
    SELECT ends.id, count(*) AS degree
    FROM stage_relation, LATERAL (VALUES (source_id), (target_id)) ends (id)
    GROUP BY ends.id) degrees USING (id)
""",
    """
INSERT INTO search_entity (
    index_id, entity_id, vector, lexical, text_hash, name_key, terms, length)
SELECT %(index)s, %(base)s + id, vector, name, md5(id::text), name,
    setweight(to_tsvector('simple', name), 'A'), cardinality(string_to_array(name, ' '))
FROM stage_entity JOIN stage_entity_vector USING (id)
""",
    """
INSERT INTO graph_entitymention (
    entity_id, chunk_id, mentioned_name, entity_type, description)
SELECT %(base)s + entity_id, %(base)s + chunk_id, e.name, 'thing', e.name || ' is there.'
FROM (SELECT DISTINCT entity_id, chunk_id FROM stage_mention) m
JOIN stage_entity e ON e.id = m.entity_id
ORDER BY chunk_id
""",
    """
INSERT INTO graph_relation (id, workspace_id, source_id, target_id, description, keywords,
    weight, fragments, summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, created_at, updated_at)
SELECT %(base)s + id, %(workspace)s, %(base)s + source_id, %(base)s + target_id,
    'They are connected.', 'link', 1.0, 1, '', 0, 0, false, '', '', now(), now()
FROM stage_relation
""",
    """
INSERT INTO graph_relationmention (relation_id, chunk_id, mentioned_source, mentioned_target,
    description, keywords, weight)
SELECT %(base)s + id, %(base)s + chunk_id, 'a', 'b', 'They are connected.', 'link', 1.0
FROM stage_relation
""",
    """
INSERT INTO search_relation (index_id, relation_id, vector, text_hash)
SELECT %(index)s, %(base)s + id, vector, md5(id::text) FROM stage_relation_vector
""",
)


class Corpus:
    """The generated data; the same in every run of the same size."""

    def __init__(self, chunks: int = 100_000, dimensions: int = 384) -> None:
        self.chunks = self.entities = chunks
        self.dimensions = dimensions
        self.topic_count = max(self.entities // ENTITIES_PER_TOPIC, 1)
        self.random = np.random.default_rng(0)
        parts = ("ka", "lo", "mi", "ru", "se", "ta", "vo", "zen", "dar", "fil")
        self.words = np.array(
            ["".join(letters) for letters in product(parts, repeat=4)]
        )
        size = (self.topic_count, dimensions)
        self.topics = units(self.random.normal(size=size))
        self.chunk_topic = self.random.integers(0, self.topic_count, chunks)
        self.mentioned = self._mentioned()
        self.ends, self.stated_in = self._relations()

    def _mentioned(self) -> Ints:
        """Return the entities of each chunk: of its topic, and a few hubs."""
        shape = (self.chunks, PER_CHUNK)
        # Squared, so that the first entities are mentioned far more often than the last.
        rank = (ENTITIES_PER_TOPIC * self.random.random(shape) ** 2).astype(np.int64)
        mentioned = rank * self.topic_count + self.chunk_topic[:, None]
        hubs = self.random.random(shape) < 0.05
        mentioned[hubs] = self.random.integers(0, 50, int(hubs.sum()))
        mentions: Ints = mentioned
        return mentions

    def _relations(self) -> tuple[Ints, Ints]:
        """Return pairs of entities that a chunk mentions, and the chunk of each pair."""
        count = self.chunks
        chunks = self.random.integers(0, self.chunks, count * 2)
        picks = self.random.integers(0, PER_CHUNK, (count * 2, 2))
        ends = np.sort(self.mentioned[chunks[:, None], picks], axis=1)
        _, first = np.unique(ends, axis=0, return_index=True)
        first = first[ends[first, 0] < ends[first, 1]]
        chosen = np.sort(first)[:count]
        return ends[chosen], chunks[chosen]

    def vectors(self, topics: Ints, noise: float = 1.0) -> Floats:
        """Return vectors near their topics, with a cosine of about 0.7."""
        size = (len(topics), self.dimensions)
        spread = self.random.standard_normal(size, np.float32)
        return units(self.topics[topics] + spread * (noise / self.dimensions**0.5))

    def names(self, entities: Ints) -> list[str]:
        """Return a name of two words for each entity; about one in 100 is not unique."""
        count = len(self.words)
        first = self.words[entities % count]
        second = self.words[(entities * 7 + entities // count) % count]
        return [f"{a} {b}" for a, b in zip(first, second, strict=True)]

    def texts(self, first: int, last: int) -> list[str]:
        """Return texts with the names of the chunks' entities and words of their topics."""
        base = self.chunk_topic[first:last, None] * 17
        drawn = self.random.zipf(1.5, (last - first, WORDS)) % 2_000
        words = self.words[(base + drawn) % len(self.words)]
        names = self.names(self.mentioned[first:last].ravel())
        return [
            " ".join([*names[n * PER_CHUNK : (n + 1) * PER_CHUNK], *row])
            for n, row in enumerate(words.tolist())
        ]

    def question(self, number: int) -> str:
        """Return a question about two names of one chunk."""
        first, second = self.names(self.mentioned[number * 97 % self.chunks, :2])
        return f"How does {first} hang together with {second}?"

    def question_vector(self, number: int) -> Floats:
        """Return a vector near the topic of the chunk."""
        topic = self.chunk_topic[[number * 97 % self.chunks]]
        vector: Floats = self.vectors(topic, 0.7)[0]
        return vector


def units(rows: Any) -> Floats:
    unit: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("f4")
    return unit


def load(name: str, corpus: Corpus, report: Callable[[str], None] = print) -> Workspace:
    """Return the workspace; fill it if it is empty, which takes minutes."""
    workspace = lookup.ensure(name)
    if workspace.chunks.exists():
        return workspace
    steps: list[tuple[str, Callable[[], None]]] = [
        ("stage rows", partial(stage, corpus)),
        ("fill tables", partial(fill, corpus, workspace)),
        *index_steps(workspace),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '2GB'; SET work_mem = '256MB'")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(STAGE)
    workspace.search_index = tables.new_id(shared=False)
    workspace.save()
    tables.make(workspace.search_index)
    for label, step in steps:
        started = time.monotonic()
        step()
        report(f"{label}: {time.monotonic() - started:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute(UNSTAGE)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
        for kind in ("chunk", "entity"):
            cursor.execute(
                "SELECT lightrag_count_words(%s, %s)", [kind, workspace.search_index]
            )
    return workspace


def index_steps(workspace: Workspace) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the construction of the search indexes of each kind."""
    for kind in ("chunk", "entity", "relation"):
        yield f"index {kind} rows", partial(make_indexes, kind, workspace)


def make_indexes(kind: str, workspace: Workspace) -> None:
    values: list[str | int] = [
        kind,
        f"search_{kind}_{workspace.search_index}",
        workspace.embedding_dimensions,
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_make_search_indexes(%s, %s, %s)", values)


def fill(corpus: Corpus, workspace: Workspace) -> None:
    """Fill the tables from the staging tables."""
    values = {
        "workspace": workspace.pk,
        "index": workspace.search_index,
        "base": workspace.pk * 10_000_000,
        "chunks": corpus.chunks,
        "per_document": PER_DOCUMENT,
    }
    with connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, values)


def stage(corpus: Corpus) -> None:
    """Copy the generated rows into the staging tables."""
    for first, last in blocks(corpus.chunks):
        ids = np.arange(first, last)
        copy_texts("stage_chunk", ids, corpus.texts(first, last))
        copy_vectors("stage_chunk_vector", ids, corpus.vectors(corpus.chunk_topic[ids]))
        mentioned = corpus.mentioned[ids]
        copy_numbers("stage_mention", mentioned.ravel(), ids.repeat(PER_CHUNK))
    for first, last in blocks(corpus.entities):
        ids = np.arange(first, last)
        copy_texts("stage_entity", ids, corpus.names(ids))
        copy_vectors(
            "stage_entity_vector", ids, corpus.vectors(ids % corpus.topic_count)
        )
    for first, last in blocks(len(corpus.ends)):
        ids = np.arange(first, last)
        ends = corpus.ends[ids]
        copy_numbers("stage_relation", ids, *ends.T, corpus.stated_in[ids])
        topics = ends[:, 1] % corpus.topic_count
        copy_vectors("stage_relation_vector", ids, corpus.vectors(topics))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def blocks(count: int) -> Iterator[tuple[int, int]]:
    for first in range(0, count, BLOCK):
        yield first, min(first + BLOCK, count)


def copy_texts(table: str, ids: Ints, texts: Iterable[str]) -> None:
    lines = (f"{id}\t{text}\n" for id, text in zip(ids.tolist(), texts, strict=True))
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write("".join(lines))


def copy_numbers(table: str, *columns: Ints) -> None:
    """Copy columns of type bigint."""
    fields = [(f"size{n}", ">i4") for n in range(len(columns))]
    numbers = [(f"number{n}", ">i8") for n in range(len(columns))]
    pairs = [field for pair in zip(fields, numbers, strict=True) for field in pair]
    rows = np.zeros(len(columns[0]), [("fields", ">i2"), *pairs])
    rows["fields"] = len(columns)
    for n, column in enumerate(columns):
        rows[f"size{n}"], rows[f"number{n}"] = 8, column
    copy_binary(table, rows)


def copy_vectors(table: str, ids: Ints, vectors: Floats) -> None:
    """Copy a column of type bigint and one of type halfvec."""
    dimensions = vectors.shape[1]
    rows = np.zeros(
        len(ids),
        [
            ("fields", ">i2"),
            ("id_size", ">i4"),
            ("id", ">i8"),
            ("vector_size", ">i4"),
            ("dimensions", ">i2"),
            ("unused", ">i2"),
            ("vector", ">f2", (dimensions,)),
        ],
    )
    rows["fields"], rows["id_size"], rows["id"] = 2, 8, ids
    rows["vector_size"], rows["dimensions"] = 4 + 2 * dimensions, dimensions
    rows["vector"] = vectors
    copy_binary(table, rows)


def copy_binary(table: str, rows: NDArray[Any]) -> None:
    """Copy rows that have PostgreSQL's binary format."""
    statement = f"COPY {table} FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")
