"""What the tools give back, as a model reads it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from documents.models import Document
from graph.queries.subgraph import Edge, Node
from retrieval.context import citations
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.query.events import Answer as Answered
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation


class Source(BaseModel):
    """A file an answer draws on."""

    reference_id: str
    file_path: str
    document_id: str

    @classmethod
    def of(cls, found: Reference) -> Source:
        return cls(
            reference_id=found.reference_id,
            file_path=found.file_path,
            document_id=found.document_id,
        )


class Citation(BaseModel):
    """What a mark in the answer rests on; `start` and `end` are characters of it."""

    start: int
    end: int
    reference_id: str
    document_id: str
    chunk_id: str
    pages: list[int]
    quote: str

    @classmethod
    def of(cls, found: citations.Citation) -> Citation:
        return cls(
            start=found.start,
            end=found.end,
            reference_id=found.reference.reference_id,
            document_id=found.chunk.document_id,
            chunk_id=found.chunk.chunk_id,
            pages=list(found.chunk.pages),
            quote=found.quote,
        )


class Answer(BaseModel):
    """An answer. `llm_generated` is false where passages are only quoted."""

    answer: str
    llm_generated: bool
    references: list[Source]
    citations: list[Citation]

    @classmethod
    def of(cls, found: Answered) -> Answer:
        cited = citations.find(found.text, found.references)
        return cls(
            answer=found.text,
            llm_generated=found.llm_generated,
            references=[Source.of(one) for one in found.references],
            citations=[Citation.of(one) for one in cited],
        )


class FoundPassage(BaseModel):
    """A part of a document."""

    content: str
    file_path: str
    document_id: str
    chunk_id: str
    pages: list[int]
    headings: list[str]

    @classmethod
    def of(cls, found: FoundChunk) -> FoundPassage:
        return cls(
            content=found.content,
            file_path=found.file_path,
            document_id=found.document_id,
            chunk_id=found.chunk_id,
            pages=list(found.pages),
            headings=list(found.headings),
        )


class Entity(BaseModel):
    """A thing of the knowledge graph; `relations` counts what it is joined to."""

    name: str
    type: str
    description: str
    relations: int
    file_paths: list[str]

    @classmethod
    def of(cls, found: Node) -> Entity:
        return cls(
            name=found.name,
            type=found.entity_type,
            description=found.description,
            relations=found.degree,
            file_paths=distinct(found.sources.file_paths),
        )

    @classmethod
    def found(cls, found: FoundEntity) -> Entity:
        return cls(
            name=found.name,
            type=found.entity_type,
            description=found.description,
            relations=found.rank,
            file_paths=distinct(found.file_paths),
        )


class Relation(BaseModel):
    """Two entities and what joins them."""

    source: str
    target: str
    description: str
    keywords: str
    weight: float
    file_paths: list[str]

    @classmethod
    def of(cls, found: Edge) -> Relation:
        return cls(
            source=found.source,
            target=found.target,
            description=found.description,
            keywords=found.keywords,
            weight=found.weight,
            file_paths=distinct(found.sources.file_paths),
        )

    @classmethod
    def found(cls, found: FoundRelation) -> Relation:
        return cls(
            source=found.source,
            target=found.target,
            description=found.description,
            keywords=found.keywords,
            weight=found.weight,
            file_paths=distinct(found.file_paths),
        )


class Found(BaseModel):
    """What a question finds, best first, without an answer."""

    passages: list[FoundPassage]
    entities: list[Entity]
    relations: list[Relation]
    high_level_keywords: list[str]
    low_level_keywords: list[str]

    @classmethod
    def of(cls, found: Context) -> Found:
        return cls(
            passages=[FoundPassage.of(one) for one in found.chunks],
            entities=[Entity.found(one) for one in found.entities],
            relations=[Relation.found(one) for one in found.relations],
            high_level_keywords=list(found.keywords.high),
            low_level_keywords=list(found.keywords.low),
        )


class Entities(BaseModel):
    """Entities by name, the closest first."""

    entities: list[Entity]


class Neighbourhood(BaseModel):
    """Entities around one, the nearest first, and the relations among them."""

    entities: list[Entity]
    relations: list[Relation]
    is_truncated: bool


class DocumentState(BaseModel):
    """A document, and how far it is; `status` is processed or failed at the end."""

    document_id: str
    name: str
    status: str
    track_id: str
    chunks: int
    characters: int
    error: str
    summary: str

    @classmethod
    def of(cls, found: Document) -> DocumentState:
        return cls(
            document_id=found.public_id,
            name=found.name,
            status=found.status,
            track_id=found.track_id,
            chunks=found.chunks_count,
            characters=found.content_length,
            error=found.error_msg,
            summary=found.content_summary,
        )


class Documents(BaseModel):
    """Documents, the newest first."""

    documents: list[DocumentState]


def distinct(names: Iterable[str]) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(names))
