"""Build the context of an answer: the best chunks, as many as the budget allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings

from retrieval.context import references, rerank
from retrieval.context.references import Reference
from retrieval.llm import tokens
from retrieval.query_trace import QueryTrace
from retrieval.search import serialize, token_budget
from retrieval.search.evidence import Evidence, FoundChunk, FoundEntity, FoundRelation
from retrieval.search.params import Mode
from retrieval.search.question import Keywords, Question

ENTITIES = "## Entities in the knowledge graph"
RELATIONS = "## Relations between entities"
CHUNKS = "## Passages from the documents"
FILES = "## Files the passages come from"


@dataclass(frozen=True, slots=True)
class Context:
    """The search results that fit in the prompt, best first.

    `question` is the text that was searched, `original` what the user wrote: a follow-up
    question is rewritten.
    `counts` is LightRAG's `processing_info`; `timings` are seconds and `tokens` model
    tokens by step. `left_out` are the ranked chunks that did not fit. `instructions` is
    the system prompt up to the sources.
    """

    mode: Mode
    question: str = ""
    original: str = ""
    keywords: Keywords = field(default_factory=Keywords)
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    chunks: tuple[FoundChunk, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[FoundChunk, ...] = ()
    headings: bool = True
    instructions: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found, or nothing fits."""
        return not (self.entities or self.relations or self.chunks)

    @property
    def rewritten_question(self) -> str:
        """The text that was searched; empty if it is what the user wrote."""
        return self.question if self.question != self.original else ""

    @property
    def references(self) -> tuple[Reference, ...]:
        return references.of_chunks(self.chunks)

    @property
    def text(self) -> str:
        """The sources as text of the prompt: blocks of JSON lines, then the files."""
        blocks = [
            _block(ENTITIES, map(serialize.entity, self.entities)),
            _block(RELATIONS, map(serialize.relation, self.relations)),
            _block(CHUNKS, (self._line(chunk) for chunk in self.chunks)),
            _files(self.references),
        ]
        return "\n\n".join(block for block in blocks if block)

    @property
    def system_prompt(self) -> str:
        """The instructions and the sources."""
        return self.instructions + self.text

    def _line(self, chunk: FoundChunk) -> str:
        return serialize.chunk(chunk, headings=self.headings)


async def build(
    question: Question, evidence: Evidence, instructions: str, trace: QueryTrace
) -> Context:
    """Rerank the chunks if that is enabled, then keep what fits (docs/lightrag.md B.6).

    `instructions` is the system prompt up to the sources.
    """
    with trace.step("rerank"):
        ranked = await rerank.order(
            question.reranker,
            question.text,
            evidence.chunks,
            question.limits.chunk_top_k,
        )
    with trace.step("context"):
        headings = settings.LIGHTRAG.query.content_headings
        used = sum(map(tokens.count, (instructions, question.text)))
        available = question.limits.total_tokens - used - evidence.graph.tokens
        chunks = references.number(
            token_budget.select_chunks(ranked, available, headings=headings)
        )
    trace.tokens["graph"] = evidence.graph.tokens
    trace.tokens["chunks"] = sum(
        serialize.chunk_tokens(chunk, headings=headings) for chunk in chunks
    )
    return Context(
        mode=question.mode,
        question=question.text,
        original=question.original,
        keywords=question.keywords,
        entities=evidence.graph.entities,
        relations=evidence.graph.relations,
        chunks=chunks,
        counts=counts(question.mode, evidence, chunks),
        timings=trace.steps,
        tokens=trace.tokens,
        left_out=tuple(ranked[len(chunks) :]),
        headings=headings,
        instructions=instructions,
    )


def halved(context: Context) -> Context:
    """Return the context with the better half of its sources, and the same numbers."""
    return replace(
        context,
        entities=context.entities[: len(context.entities) // 2],
        relations=context.relations[: len(context.relations) // 2],
        chunks=context.chunks[: (len(context.chunks) + 1) // 2],
    )


def counts(
    mode: Mode, evidence: Evidence, chunks: Sequence[FoundChunk]
) -> dict[str, int]:
    """Return LightRAG's `processing_info`; `chunks` are those in the context."""
    if mode is Mode.BYPASS:
        return {}
    if mode is Mode.NAIVE:
        return {
            "total_chunks_found": evidence.chunks_found,
            "final_chunks_count": len(chunks),
        }
    return {
        "total_entities_found": evidence.graph.entities_found,
        "total_relations_found": evidence.graph.relations_found,
        "entities_after_truncation": len(evidence.graph.entities),
        "relations_after_truncation": len(evidence.graph.relations),
        "merged_chunks_count": evidence.chunks_found,
        "final_chunks_count": len(chunks),
    }


def _block(heading: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"{heading}\n\n```json\n{body}\n```" if body else ""


def _files(cited: Sequence[Reference]) -> str:
    body = "\n".join(f"[{item.reference_id}] {item.file_path}" for item in cited)
    return f"{FILES}\n\n{body}" if body else ""
