"""A small library to search: documents, entities and relations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from documents.models import Chunk, Document, Workspace
from graph.models import Entity, EntityMention, Relation, RelationMention
from retrieval.index import lexical, search_rows, tables
from retrieval.llm.testing.fake import FakeChat, FakeEmbedder
from retrieval.query import query_analysis
from retrieval.query_trace import QueryTrace
from retrieval.search.params import QueryParams
from retrieval.search.question import Question
from tests.models import FakeModels

T = TypeVar("T")
Configure = Callable[..., None]


def literal(embedder: FakeEmbedder, text: str) -> str:
    vectors = async_to_sync(embedder.embed_documents)([text])
    return search_rows.vector_text(vectors[0])


@dataclass
class Library:
    """Creates the rows of processed documents, including search rows."""

    workspace: Workspace
    embedder: FakeEmbedder

    def document(
        self,
        name: str,
        *texts: str,
        headings: Sequence[str] = (),
        pages: tuple[int, int] | None = None,
        findable: bool = True,
    ) -> list[Chunk]:
        document = Document.objects.create(
            workspace=self.workspace,
            public_id=f"doc-{name}",
            name=name,
            track_id="t",
            status="processed",
        )
        chunks = [
            Chunk.objects.create(
                workspace=self.workspace,
                document=document,
                order=order,
                content=text,
                tokens=len(text.split()),
                headings=list(headings),
                page_first=pages and pages[0],
                page_last=pages and pages[1],
                content_hash="",
            )
            for order, text in enumerate(texts)
        ]
        for chunk in chunks if findable else []:
            self._index(
                "chunk", chunk.pk, chunk.content, lexical.segment(chunk.content)
            )
        return chunks

    def entity(self, name: str, description: str = "", *chunks: Chunk) -> Entity:
        entity = Entity.objects.create(
            workspace=self.workspace,
            name=name,
            entity_type="concept",
            description=description,
        )
        for chunk in chunks:
            EntityMention.objects.create(
                entity=entity,
                chunk=chunk,
                mentioned_name=name,
                entity_type="concept",
                description=description,
            )
        text = f"{name}\n{description}"
        self._index("entity", entity.pk, text, lexical.segment(name))
        return entity

    def relation(
        self, source: Entity, target: Entity, description: str, *chunks: Chunk
    ) -> Relation:
        source, target = sorted((source, target), key=lambda end: end.pk)
        relation = Relation.objects.create(
            workspace=self.workspace,
            source=source,
            target=target,
            description=description,
            keywords="about",
        )
        for chunk in chunks:
            RelationMention.objects.create(
                relation=relation,
                chunk=chunk,
                mentioned_source=source.name,
                mentioned_target=target.name,
            )
        for end in (source, target):
            end.degree += 1
            end.save()
        text = f"about\t{source.name}\t{target.name}\n{description}"
        self._index("relation", relation.pk, text, None)
        return relation

    def _index(self, kind: str, id: int, text: str, words: str | None) -> None:
        columns = f"index_id, {kind}_id, vector, text_hash"
        values: list[Any] = [
            tables.index_of(self.workspace.pk),
            id,
            literal(self.embedder, text),
            "",
        ]
        if words is not None:
            columns += ", lexical"
            values.append(words)
        marks = ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO search_{kind} ({columns}) VALUES ({marks})", values
            )


@pytest.fixture
def configure(settings: Settings) -> Configure:
    """Return a function that changes `settings.LIGHTRAG`, as in `query__top_k=3`."""

    def change(**changes: Any) -> None:
        for name, value in changes.items():
            part, _, inner = name.partition("__")
            if inner:
                value = replace(getattr(settings.LIGHTRAG, part), **{inner: value})
            settings.LIGHTRAG = replace(settings.LIGHTRAG, **{part: value})

    return change


@pytest.fixture
def chat(models: FakeModels) -> FakeChat:
    """Return the model for answers and keywords; it stores its `requests`."""
    return models.chat


@pytest.fixture
def library(workspace: Workspace, models: FakeModels) -> Library:
    return Library(workspace, models.embedder)


@pytest.fixture
def curies(library: Library) -> Library:
    """Return a library of three documents, four entities and three relations."""
    curie, pierre = library.document(
        "curie.txt",
        "Marie Curie discovered radium in Paris in 1898.",
        "Pierre Curie taught physics at the Sorbonne.",
    )
    (einstein,) = library.document(
        "einstein.pdf",
        "Albert Einstein developed general relativity in Berlin.",
        headings=("Physics", "Relativity"),
        pages=(3, 4),
    )
    marie = library.entity("Marie Curie", "A chemist who discovered radium.", curie)
    radium = library.entity("Radium", "A chemical element.", curie)
    teacher = library.entity("Pierre Curie", "A physicist.", pierre)
    albert = library.entity("Albert Einstein", "He developed relativity.", einstein)
    library.relation(marie, radium, "Marie Curie discovered radium.", curie)
    library.relation(marie, teacher, "They were married.", pierre)
    library.relation(teacher, albert, "Both were physicists.", einstein)
    return library


def collect(events: AsyncIterator[T]) -> list[T]:
    """Return all items of an async iterator, from a synchronous test."""

    async def gather() -> list[T]:
        return [event async for event in events]

    return async_to_sync(gather)()


def analysed(workspace: Workspace, params: QueryParams) -> Question:
    """Return the question as the search reads it."""
    question = async_to_sync(query_analysis.analyse)(
        workspace, params, QueryTrace(workspace.pk)
    )
    return replace(question, index_id=tables.index_of(workspace.pk))


def statements(run: Callable[[], object]) -> int:
    """Return the number of SQL statements, without savepoints."""
    with CaptureQueriesContext(connection) as captured:
        run()
    queries = [query["sql"] for query in captured.captured_queries]
    return len([statement for statement in queries if "SAVEPOINT" not in statement])
