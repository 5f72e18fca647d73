from __future__ import annotations

import pytest

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
    (citation,) = citations.find(text, [CURIE])
    assert text[citation.start : citation.end] == "[1]"
    assert citation.chunk.chunk_id == "doc-1-chunk-001"
    assert citation.quote.startswith("Marie Curie discovered radium in 1898.")


def test_each_statement_is_matched_with_its_chunk() -> None:
    text = "Radium came in 1898 [1]. Pierre taught physics [1]."
    result = citations.find(text, [CURIE])
    assert [citation.chunk.chunk_id[-1] for citation in result] == ["1", "0"]


def test_marks_without_a_reference_are_ignored() -> None:
    assert citations.find("As [2] says, and [the third] too.", [CURIE]) == []


@pytest.mark.parametrize(
    ("mark", "numbers"),
    [
        ("[1]", "1"),
        ("[1, 2]", "1 2"),
        ("[1-3]", "1 2 3"),
        ("[1–2, 5]", "1 2 5"),
        ("[1; 3]", "1 3"),
        ("[1、2]", "1 2"),
        ("【1】", "1"),
        ("【2†source】", "2"),
        ("［3］", "3"),
        ("[^1]", "1"),
        ("[^1^]", "1"),
        ("[[5]]", "5"),
        ("[Passage 1]", "1"),
        ("[Passage 1, p. 4]", "1"),
        ("[Sources 1 and 2]", "1 2"),
        ("[Source: 2]", "2"),
        ("[reference_id 4]", "4"),
        ("(Passages 1 and 2)", "1 2"),
        ("[來源 3]", "3"),
        ("（來源 1）", "1"),
    ],
)
def test_every_form_of_a_mark_is_read(mark: str, numbers: str) -> None:
    text = f"Radium glows {mark}."
    (read,) = citations.marks(text)
    assert text[read.start : read.end] == mark
    assert read.numbers == tuple(numbers.split())
    assert citations.without_marks(text) == "Radium glows."


@pytest.mark.parametrize(
    "text",
    [
        "`a[1]`",
        "```\na[1]\n```",
        "[1](https://example.org)",
        r"\[1\]",
        "[2024]",
        "[9-1]",
        "[1-900]",
        "(1)",
        "[p. 3]",
        "[the 1]",
    ],
)
def test_code_links_formulas_and_other_numbers_are_no_marks(text: str) -> None:
    assert citations.marks(text) == []


def test_a_mark_of_several_references_has_a_citation_for_each() -> None:
    other = Reference("2", "b.txt", "doc-2", (chunk(0, "Radium glows."),))
    result = citations.find("Radium was discovered and glows [1, 2].", [CURIE, other])
    assert [item.reference.reference_id for item in result] == ["1", "2"]
    assert len({(item.start, item.end) for item in result}) == 1


def test_a_block_quotation_is_cited_as_a_whole() -> None:
    text = "Found:\n\n> It rained. … She moved. [1]\n>\n> — curie.txt"
    (citation,) = citations.find(text, [CURIE])
    assert citation.quote == "It rained. … She moved."
    assert citation.chunk.chunk_id == "doc-1-chunk-001"


def test_numbers_without_a_reference_are_reported() -> None:
    assert citations.unknown_numbers("A [1]. B [2, 1]. C [7-8].", [CURIE]) == (
        "2",
        "7",
        "8",
    )


def test_a_number_with_a_point_does_not_end_a_statement() -> None:
    assert citations.statement("One. It weighs 3.5 kg [1]", 22) == "It weighs 3.5 kg"


def test_adjacent_marks_share_a_statement() -> None:
    text = "One. Two and three [1][2]"
    assert citations.statement(text, len(text)) == "Two and three"
