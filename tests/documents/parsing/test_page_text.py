from __future__ import annotations

from documents.parsing import page_text


def test_joined_pages_have_their_positions() -> None:
    parsed = page_text.join([(1, " one\r\n"), (2, " "), (3, "three")], engine="x")
    assert parsed.text == "one\n\nthree"
    pages = [(page.number, parsed.text[page.start : page.end]) for page in parsed.pages]
    assert pages == [(1, "one"), (3, "three")]


def test_a_text_is_split_into_pages_at_markers() -> None:
    assert page_text.split_at_marker("a m-1 b m-2 c", "m-") == [
        (None, "a "),
        (1, " b "),
        (2, " c"),
    ]


def test_word_counts_locate_the_pages_of_a_word_file() -> None:
    content = "# One\n\n| a | b |\n\n## Two\n\nlast"
    pages = page_text.split_by_word_counts(
        content, [(1, "# One\n\n| a\nb |"), (2, "## Two\n\nlast")]
    )
    assert pages == [(1, "# One\n\n| a | b |\n\n"), (2, "## Two\n\nlast")]


def test_pages_with_other_word_counts_are_ignored() -> None:
    assert page_text.split_by_word_counts("one two", [(1, "one")]) == [
        (None, "one two")
    ]
    assert page_text.split_by_word_counts("one two", []) == [(None, "one two")]
