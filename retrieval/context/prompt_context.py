"""Evidence -> what fits in a prompt, as text and as references. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.context import references, serialize, token_budget
from retrieval.context.references import Reference
from retrieval.query.keywords import Keywords
from retrieval.search.evidence import Evidence, FoundEntity, FoundRelation, Passage
from retrieval.search.params import Mode

RESERVE = 200
"""Tokens kept free for what is not counted exactly (docs/lightrag.md B.6)."""

ENTITIES = "## Entities in the knowledge graph"
RELATIONS = "## Relations between entities"
PASSAGES = "## Passages from the documents"
FILES = "## Files the passages come from"


@dataclass(frozen=True, slots=True)
class Context:
    """All that a question found and that fits, best first.

    `counts` are upstream's `processing_info`; `timings` are seconds by step, `tokens` what
    was sent to models for it. `left_out` are the ranked passages that did not fit.
    """

    mode: Mode
    keywords: Keywords = field(default_factory=Keywords)
    entities: tuple[FoundEntity, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    passages: tuple[Passage, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[Passage, ...] = ()
    headings: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found, or nothing fits."""
        return not (self.entities or self.relations or self.passages)

    @property
    def references(self) -> tuple[Reference, ...]:
        return references.listed(self.passages)

    @property
    def text(self) -> str:
        """The sources as a model reads them: blocks of JSON lines, then the files."""
        blocks = [
            _block(ENTITIES, map(serialize.entity, self.entities)),
            _block(RELATIONS, map(serialize.relation, self.relations)),
            _block(PASSAGES, (self._line(passage) for passage in self.passages)),
            _files(self.references),
        ]
        return "\n\n".join(block for block in blocks if block)

    def _line(self, passage: Passage) -> str:
        return serialize.passage(passage, headings=self.headings)


def fit(
    passages: Sequence[Passage], available: int, *, headings: bool
) -> tuple[Passage, ...]:
    """The first passages within `available` tokens, numbered by their documents."""
    kept, _ = token_budget.fitting(
        passages,
        lambda passage: serialize.passage_tokens(passage, headings=headings),
        available - RESERVE,
    )
    return references.number(kept)


def counts(mode: Mode, found: Evidence, kept: Sequence[Passage]) -> dict[str, int]:
    """Upstream's `processing_info`: fewer figures where no graph was read."""
    if mode is Mode.BYPASS:
        return {}
    if mode is Mode.NAIVE:
        return {
            "total_chunks_found": found.passages_found,
            "final_chunks_count": len(kept),
        }
    return {
        "total_entities_found": found.facts.entities_found,
        "total_relations_found": found.facts.relations_found,
        "entities_after_truncation": len(found.facts.entities),
        "relations_after_truncation": len(found.facts.relations),
        "merged_chunks_count": found.passages_found,
        "final_chunks_count": len(kept),
    }


def _block(heading: str, rows: Iterable[str]) -> str:
    body = "\n".join(rows)
    return f"{heading}\n\n```json\n{body}\n```" if body else ""


def _files(listed: Sequence[Reference]) -> str:
    body = "\n".join(f"[{item.reference_id}] {item.file_path}" for item in listed)
    return f"{FILES}\n\n{body}" if body else ""
