from __future__ import annotations

from retrieval.context import citations
from retrieval.context.references import Reference
from retrieval.search.evidence import FoundChunk


def chunk(order: int, content: str) -> FoundChunk:
    return FoundChunk(f"doc-1-chunk-{order:03d}", "doc-1", "curie.txt", content, 10)


CURIE = Reference(
    "1",
    "curie.txt",
    "doc-1",
    (
        chunk(0, "Pierre taught physics. The Sorbonne is in Paris."),
        chunk(1, "It rained. Marie Curie discovered radium in 1898. She moved."),
    ),
)


def test_a_citation_has_the_sentence_that_supports_it() -> None:
    text = "Much happened. Radium was discovered by Marie Curie in 1898 [1]."
    (found,) = citations.find(text, [CURIE])
    assert text[found.start : found.end] == "[1]"
    assert found.chunk.chunk_id == "doc-1-chunk-001"
    assert found.quote.startswith("Marie Curie discovered radium in 1898.")


def test_each_statement_is_matched_with_its_chunk() -> None:
    text = "Radium came in 1898 [1]. Pierre taught physics [1]."
    found = citations.find(text, [CURIE])
    assert [one.chunk.chunk_id[-1] for one in found] == ["1", "0"]


def test_marks_without_a_reference_are_ignored() -> None:
    assert citations.find("As [2] says, and [the third] too.", [CURIE]) == []


def test_a_number_with_a_point_does_not_end_a_statement() -> None:
    assert citations.statement("One. It weighs 3.5 kg [1]", 22) == " It weighs 3.5 kg"


def test_adjacent_marks_share_a_statement() -> None:
    text = "One. Two and three [1][2]"
    assert citations.statement(text, len(text)) == " Two and three"
