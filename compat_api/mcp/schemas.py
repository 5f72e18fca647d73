"""Results of the tools, as a language model reads them."""

from __future__ import annotations

from pydantic import BaseModel

from compat_api.http import figures
from documents.models import Document
from graph.queries.subgraph import Edge, Node
from retrieval.context import citations
from retrieval.context import support as support_check
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.context.support import Verdict
from retrieval.query.events import Answer as Answered
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation


class Figure(BaseModel):
    """A figure beside the chunks of a source; `url` is an address of this server."""

    url: str
    page: int | None
    caption: str
    description: str


class Source(BaseModel):
    """A source of an answer."""

    reference_id: str
    file_path: str
    document_id: str
    figures: list[Figure]

    @classmethod
    def of(cls, reference: Reference, workspace: str) -> Source:
        """Convert a reference."""
        return cls(
            reference_id=reference.reference_id,
            file_path=reference.file_path,
            document_id=reference.document_id,
            figures=[
                Figure(**values)
                for values in figures.of_reference(reference, workspace)
            ],
        )


class Citation(BaseModel):
    """The source of a mark in the answer; `start` and `end` are positions in the answer.

    `support` tells whether the cited chunk states what the sentence states; null if the
    two cannot be compared.
    """

    start: int
    end: int
    reference_id: str
    document_id: str
    chunk_id: str
    pages: list[int]
    quote: str
    support: Verdict | None

    @classmethod
    def of(cls, citation: citations.Citation, verdict: Verdict | None) -> Citation:
        return cls(
            support=verdict,
            start=citation.start,
            end=citation.end,
            reference_id=citation.reference.reference_id,
            document_id=citation.chunk.document_id,
            chunk_id=citation.chunk.chunk_id,
            pages=list(citation.chunk.pages),
            quote=citation.quote,
        )


class Answer(BaseModel):
    """An answer; `llm_generated` is false if it only quotes chunks."""

    answer: str
    llm_generated: bool
    references: list[Source]
    citations: list[Citation]

    @classmethod
    def of(cls, answer: Answered, workspace: str) -> Answer:
        cited = citations.find(answer.text, answer.references)
        verdicts = support_check.by_mark(
            answer.text, answer.references, answer.verdicts
        )
        return cls(
            answer=answer.text,
            llm_generated=answer.llm_generated,
            references=[Source.of(item, workspace) for item in answer.references],
            citations=[Citation.of(item, verdicts.get(item.start)) for item in cited],
        )


class Chunk(BaseModel):
    """A chunk of a document."""

    content: str
    file_path: str
    document_id: str
    chunk_id: str
    pages: list[int]
    headings: list[str]

    @classmethod
    def of(cls, chunk: FoundChunk) -> Chunk:
        return cls(
            content=chunk.content,
            file_path=chunk.file_path,
            document_id=chunk.document_id,
            chunk_id=chunk.chunk_id,
            pages=list(chunk.pages),
            headings=list(chunk.headings),
        )


class Entity(BaseModel):
    """An entity of the knowledge graph; `relations` is the number of its relations."""

    name: str
    type: str
    description: str
    relations: int
    file_paths: list[str]

    @classmethod
    def of(cls, entity: Node | FoundEntity) -> Entity:
        """Convert a node of the graph, or an entity that a query found."""
        return cls(
            name=entity.name,
            type=entity.entity_type,
            description=entity.description,
            relations=entity.degree if isinstance(entity, Node) else entity.rank,
            file_paths=file_paths_of(entity),
        )


class Relation(BaseModel):
    """Two entities and the relation between them."""

    source: str
    target: str
    description: str
    keywords: str
    weight: float
    file_paths: list[str]

    @classmethod
    def of(cls, relation: Edge | FoundRelation) -> Relation:
        """Convert an edge of the graph, or a relation that a query found."""
        return cls(
            source=relation.source,
            target=relation.target,
            description=relation.description,
            keywords=relation.keywords,
            weight=relation.weight,
            file_paths=file_paths_of(relation),
        )


class SearchResults(BaseModel):
    """Chunks, entities and relations for a question, best first, without an answer.

    `searched_question` is the question with the earlier ones that it refers to.
    """

    searched_question: str
    passages: list[Chunk]
    entities: list[Entity]
    relations: list[Relation]
    high_level_keywords: list[str]
    low_level_keywords: list[str]

    @classmethod
    def of(cls, context: Context) -> SearchResults:
        return cls(
            searched_question=context.question,
            passages=[Chunk.of(item) for item in context.chunks],
            entities=[Entity.of(item) for item in context.entities],
            relations=[Relation.of(item) for item in context.relations],
            high_level_keywords=list(context.keywords.high),
            low_level_keywords=list(context.keywords.low),
        )


class Entities(BaseModel):
    """Entities by name, the closest match first."""

    entities: list[Entity]


class Neighbourhood(BaseModel):
    """Entities around one, the nearest first, and the relations between them."""

    entities: list[Entity]
    relations: list[Relation]
    is_truncated: bool


class DocumentState(BaseModel):
    """A document and its status; `processed` and `failed` are final."""

    document_id: str
    name: str
    status: str
    track_id: str
    chunks: int
    characters: int
    error: str
    summary: str

    @classmethod
    def of(cls, document: Document) -> DocumentState:
        return cls(
            document_id=document.public_id,
            name=document.name,
            status=document.status,
            track_id=document.track_id,
            chunks=document.chunks_count,
            characters=document.content_length,
            error=document.error_msg,
            summary=document.content_summary,
        )


class Documents(BaseModel):
    """Documents, newest first."""

    documents: list[DocumentState]


def file_paths_of(item: Node | Edge | FoundEntity | FoundRelation) -> list[str]:
    """Return the distinct file paths of an entity's or relation's sources, in order."""
    sources = item.sources if isinstance(item, Node | Edge) else item
    return list(dict.fromkeys(sources.file_paths))
