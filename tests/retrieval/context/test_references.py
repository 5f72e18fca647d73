from __future__ import annotations

from retrieval.context import references
from retrieval.search.evidence import FoundChunk


def chunk(file: str, order: int, page: int | None = None) -> FoundChunk:
    return FoundChunk(
        f"{file}-{order}", file, f"{file}.txt", f"{file}{order}", 1, (), page
    )


def test_references_are_numbered_by_chunks_then_by_appearance() -> None:
    results = [chunk("a", 0), chunk("b", 0), chunk("c", 0), chunk("b", 1)]
    numbered = references.number(results)
    assert [item.reference_id for item in numbered] == ["2", "1", "3", "1"]
    listed = references.of_chunks(numbered)
    assert [(item.reference_id, item.file_path) for item in listed] == [
        ("1", "b.txt"),
        ("2", "a.txt"),
        ("3", "c.txt"),
    ]
    assert listed[0].chunk_ids == ("b-0", "b-1")
    assert listed[0].contents == ["b0", "b1"]


def test_a_reference_lists_its_pages_once() -> None:
    numbered = references.number([chunk("a", 0, 5), chunk("a", 1, 2), chunk("a", 2, 5)])
    assert references.of_chunks(numbered)[0].pages == (2, 5)


def test_more_than_nine_references_are_listed_by_number() -> None:
    numbered = references.number([chunk(f"f{n}", 0) for n in range(12)])
    ids = [item.reference_id for item in references.of_chunks(numbered)]
    assert ids == [str(n) for n in range(1, 13)]
