from __future__ import annotations

from documents.parsing import page_text


def test_joined_pages_know_where_they_stand() -> None:
    parsed = page_text.join([(1, " one\r\n"), (2, " "), (3, "three")], engine="x")
    assert parsed.text == "one\n\nthree"
    found = [(page.number, parsed.text[page.start : page.end]) for page in parsed.pages]
    assert found == [(1, "one"), (3, "three")]


def test_marks_between_slides_become_pages() -> None:
    assert page_text.split_at_marker("a m-1 b m-2 c", "m-") == [
        (None, "a "),
        (1, " b "),
        (2, " c"),
    ]


def test_pages_of_word_are_found_by_counting_words() -> None:
    content = "# One\n\n| a | b |\n\n## Two\n\nlast"
    found = page_text.of_word(
        content, [(1, "# One\n\n| a\nb |"), (2, "## Two\n\nlast")]
    )
    assert found == [(1, "# One\n\n| a | b |\n\n"), (2, "## Two\n\nlast")]


def test_pages_that_do_not_say_everything_are_no_pages() -> None:
    assert page_text.of_word("one two", [(1, "one")]) == [(None, "one two")]
    assert page_text.of_word("one two", []) == [(None, "one two")]
