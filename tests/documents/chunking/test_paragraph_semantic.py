from __future__ import annotations

from documents import chunking
from documents.chunking import ChunkDraft, ChunkOptions
from documents.parsing import ParsedDocument

WORDS = "word " * 40
TABLE = "| Name | Age |\n| --- | --- |\n" + "".join(
    f"| Person {n} | {n} |\n" for n in range(30)
)


def pack(
    text: str, size: int, overlap: int = 0, *, drop: bool = False
) -> list[ChunkDraft]:
    options = ChunkOptions("paragraph_semantic", size, overlap, drop_references=drop)
    return chunking.split(ParsedDocument(text, markdown=True), options)


def test_a_chunk_has_the_headings_of_its_section() -> None:
    text = f"# Book\n\n## One\n\n{WORDS}\n\n### Deep\n\n{WORDS}\n\n## Two\n\n{WORDS}"
    drafts = pack(text, 60)
    assert [draft.headings for draft in drafts] == [
        ("Book", "One"),
        ("Book", "One", "Deep"),
        ("Book", "Two"),
    ]


def test_small_sections_share_a_chunk_with_their_common_headings() -> None:
    [draft] = pack("# Book\n\n## One\n\nTea.\n\n## Two\n\nMilk.", 100)
    assert draft.headings == ("Book",)
    assert draft.content.startswith("# Book")


def test_large_sections_of_different_chapters_are_separate_chunks() -> None:
    drafts = pack(f"# One\n\n{WORDS}\n\n# Two\n\n{WORDS}", 100)
    assert [draft.headings for draft in drafts] == [("One",), ("Two",)]


def test_a_heading_is_in_the_chunk_of_the_text_after_it() -> None:
    drafts = pack(f"{WORDS}\n\n# Next\n\n{WORDS}", 60)
    assert drafts[0].content == WORDS.strip()
    assert drafts[1].content.startswith("# Next\n\nword")


def test_a_table_that_fits_is_not_divided() -> None:
    drafts = pack(f"{WORDS}\n\n{TABLE}\n{WORDS}", 300)
    assert sum(TABLE.strip() in draft.content for draft in drafts) == 1


def test_a_large_table_is_divided_between_rows_with_its_header() -> None:
    drafts = pack(TABLE, 80)
    assert len(drafts) > 2
    for draft in drafts:
        header, rule, *rows = draft.content.splitlines()
        assert (header, rule) == ("| Name | Age |", "| --- | --- |")
        assert all(row.startswith("| Person") and row.endswith("|") for row in rows)
        assert draft.tokens <= 80


def test_code_that_fits_is_not_divided_and_has_no_headings() -> None:
    code = "```sh\n# no heading\n\n" + "run it\n" * 20 + "```"
    drafts = pack(f"# Use\n\n{WORDS}\n\n{code}\n\n{WORDS}", 120)
    assert sum(code in draft.content for draft in drafts) == 1
    assert all(draft.headings == ("Use",) for draft in drafts)


def test_long_code_is_divided_between_lines() -> None:
    drafts = pack("```\n" + "call(one, two)\n" * 60 + "```", 50)
    lines = {line for draft in drafts for line in draft.content.splitlines()}
    assert lines == {"```", "call(one, two)"}


def test_chunks_overlap_only_within_a_section() -> None:
    sentences = [f"This is sentence number {n} of it." for n in range(40)]
    section = "\n\n".join(sentences)
    first, second, *_, last = pack(f"# A\n\n{section}\n\n# B\n\n{section}", 120, 30)
    assert second.content.splitlines()[0] in first.content
    assert not last.headings or last.headings == ("B",)
    starts = pack(f"# A\n\n{section}\n\n# B\n\n{section}", 120, 30)
    assert [d.content[:3] for d in starts].count("# B") == 1


def test_underlined_headings_and_front_matter_are_recognized() -> None:
    text = "---\ntitle: x\n---\n\nBook\n====\n\nPart\n----\n\nText."
    [draft] = pack(text, 100)
    assert draft.headings == ("Book", "Part") or draft.headings == ()
    assert [
        d.headings for d in pack(f"Book\n====\n\nPart\n----\n\n{WORDS}\n\n{WORDS}", 60)
    ][-1] == ("Book", "Part")


def test_references_are_dropped_if_requested() -> None:
    text = "# Paper\n\nTea.\n\n## References\n\n[1] Curie 1903.\n\n## Appendix\n\nMilk."
    assert "Curie" in pack(text, 200)[0].content
    contents = " ".join(draft.content for draft in pack(text, 200, drop=True))
    assert "Curie" not in contents
    assert "Milk" in contents
