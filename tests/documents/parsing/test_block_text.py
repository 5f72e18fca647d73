from __future__ import annotations

from documents import chunking
from documents.chunking import ChunkOptions
from documents.parsing import block_text
from documents.parsing.parsed_document import Block, Image, Kind, ParsedDocument

ROWS = (("Name", "Age"), *((f"Person {n}", f"{n}") for n in range(40)))


def compose(*blocks: Block) -> ParsedDocument:
    return block_text.compose(blocks, engine="test")


def test_blocks_are_written_as_markdown_without_escapes() -> None:
    parsed = compose(
        Block(Kind.HEADING, "R&D at  AT&T", level=2),
        Block(Kind.PARAGRAPH, "a * b_c < d \n  next line"),
        Block(Kind.LIST, "- one"),
        Block(Kind.LIST, "1. two", level=2),
        Block(Kind.TABLE, rows=(("a|b", "c"), ("1\n2",))),
        Block(Kind.CODE, "x = 1\n  y", language="python"),
        Block(Kind.FORMULA, "E = mc^2"),
    )
    assert parsed.text.split("\n\n") == [
        "## R&D at AT&T",
        "a * b_c < d\nnext line",
        "- one\n  1. two",
        "| a|b | c |\n| --- | --- |\n| 1 2 |  |",
        "```python\nx = 1\n  y\n```",
        "$$\nE = mc^2\n$$",
    ]


def test_spans_locate_the_blocks_and_pages() -> None:
    parsed = compose(
        Block(Kind.PARAGRAPH, "one", page=1),
        Block(Kind.PARAGRAPH, " \x00", page=1),
        Block(Kind.HEADING, "Two", page=1),
        Block(Kind.NOTE, "three", page=3, anchor="note 1"),
    )
    texts = [parsed.text[span.start : span.end] for span in parsed.blocks]
    assert texts == ["one", "# Two", "three"]
    assert [span.kind for span in parsed.blocks] == [
        Kind.PARAGRAPH,
        Kind.HEADING,
        Kind.NOTE,
    ]
    pages = [(page.number, parsed.text[page.start : page.end]) for page in parsed.pages]
    assert pages == [(1, "one\n\n# Two"), (3, "three")]


def test_an_image_keeps_its_position_although_it_has_no_text() -> None:
    image = Image(b"...", "image/png", page=2)
    parsed = compose(
        Block(Kind.PARAGRAPH, "one"),
        Block(Kind.FIGURE, image=image),
        Block(Kind.FIGURE, "A map", image=image),
    )
    assert parsed.text == "one\n\nA map"
    assert [item.position for item in parsed.images] == [3, 5]


def test_chunks_use_the_blocks_and_not_the_characters_of_the_text() -> None:
    parsed = compose(
        Block(Kind.HEADING, "Real"),
        Block(Kind.PARAGRAPH, "# not a heading\n```\nnot | code"),
        Block(Kind.PARAGRAPH, "word " * 100),
    )
    drafts = chunking.split(parsed, ChunkOptions("paragraph_semantic", 60, 0))
    assert {draft.headings for draft in drafts} == {("Real",)}


def test_a_divided_table_repeats_all_of_its_header_rows() -> None:
    head = (("2025", "2026"), ("first", "second"))
    parsed = compose(
        Block(Kind.PARAGRAPH, "Before."),
        Block(Kind.TABLE, rows=head + ROWS[1:], header_rows=2),
        Block(Kind.PARAGRAPH, "After."),
    )
    header = "| 2025 | 2026 |\n| first | second |\n| --- | --- |\n| Person"
    drafts = chunking.split(parsed, ChunkOptions("paragraph_semantic", 80, 0))
    assert len(drafts) > 3
    assert all(header in draft.content for draft in drafts[:-1])
    assert sum(draft.content.count("| Person") for draft in drafts) == 40
