"""Sentences of a text, with their positions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.index import lexical
from retrieval.search.stop_words import STOP_WORDS

_CLOSING = r"”\"'’』」)）\]】"
_END = re.compile(
    rf"[。！？]+[{_CLOSING}]*"  # a Chinese full stop always ends a sentence
    rf"|(?<![.!?…])[.!?…]++[{_CLOSING}]*+(?=\s)"
    r"|\n\s*"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])"
    r"(?:[^\W\d_]|[^\W\d_](?:\.[^\W\d_])+|Dr|Mr|Mrs|Ms|Prof|Gen|Col|Lt|Capt|Sgt|Sen|Rep"
    r"|Rev|Hon|St|Mt|Ft|Jr|Sr|vs|cf|ca|al|ed|eds|Vol|vol|No|no|Nr|Abs|Art|Bd|Fig|fig"
    r"|Eq|eq|Sec|pp|approx|etc|Inc|Ltd|Co|Corp|bzw|usw|ggf|vgl)\.$"
)
_MAX_ABBREVIATION = 12
"""Upper bound on the characters of an abbreviation and the space before it."""
_STARTS_LOWER = re.compile(r"\s+[^\W\d_A-Z]", re.ASCII)
_BLOCK = re.compile(r"(?:#{1,6}\s|[-*+•·]\s|\d{1,3}[.)]\s|\||>|```|$)")
_WRAPPED_CHARS = 50
"""Length from which a line without a full stop continues in the next line."""

_DOT_LEADER = re.compile(r"(?:\.\s?){4,}|…{2,}|_{4,}")
_PAGE_NUMBER = re.compile(r"(?<!\S)\d{1,4}(?!\S)")
MIN_CONTENTS_ENTRIES = 4

_BEFORE_CAPITAL = re.compile(r"(?:^|\s)([^\W\d_A-Z]+) (?=[^\W\d_a-z][^\W\d_A-Z])")
"""A word in lower case before a capitalised one, where a title may begin."""
MIN_TITLES = 3
MAX_TITLE_WORDS = 10
"""Upper bound on the mean length of the titles in a list of titles."""
MAX_FUNCTION_WORDS = 0.2
"""Share of stop words from which a text with many capitals is a sentence: German nouns
are capitalised, too."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence at `start`:`end` of a text."""

    text: str
    start: int
    end: int

    @property
    def is_heading(self) -> bool:
        """Whether the sentence is a Markdown heading."""
        return self.text.startswith("#")


def split(text: str) -> list[Sentence]:
    """Return the sentences of `text`, in order.

    A line ends a sentence unless the text is wrapped there. A full stop after an
    abbreviation or an initial, and one before a lower-case letter, does not.
    """
    sentences: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        if _ends(text, start, match):
            _append(sentences, text, start, match.end())
            start = match.end()
    _append(sentences, text, start, len(text))
    return sentences


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match[0]
    if not mark.strip():
        return not _is_wrapped(text, start, match)
    if mark[0] != ".":
        return True
    if _STARTS_LOWER.match(text, match.end()):
        return False
    last_word = text[max(start, match.end() - _MAX_ABBREVIATION) : match.end()]
    return not (mark == "." and _ABBREVIATION.search(last_word))


def _is_wrapped(text: str, start: int, match: re.Match[str]) -> bool:
    """Return True if the line break is inside a sentence of a wrapped text."""
    if match[0].count("\n") > 1:
        return False
    line_start = max(start, text.rfind("\n", 0, match.start()) + 1)
    if text[line_start : match.start()].lstrip()[:1] in ("#", "|", "`"):
        return False
    if _BLOCK.match(text, match.end()):
        return False
    is_long = match.start() - line_start >= _WRAPPED_CHARS
    return is_long or text[match.end() : match.end() + 1].islower()


def _append(sentences: list[Sentence], text: str, start: int, end: int) -> None:
    part = text[start:end]
    stripped = part.strip()
    if any(letter.isalnum() for letter in stripped):
        begin = start + len(part) - len(part.lstrip())
        sentences.append(Sentence(stripped, begin, begin + len(stripped)))


def is_table_of_contents(text: str) -> bool:
    """Return True for a list of titles with page numbers, which states nothing."""
    if len(_DOT_LEADER.findall(text)) >= 2:
        return True
    numbers = [int(number) for number in _PAGE_NUMBER.findall(text)]
    words = len(text.split())
    rising = numbers == sorted(numbers) and len(set(numbers)) >= MIN_CONTENTS_ENTRIES
    return rising and len(numbers) * 8 >= words


def is_list_of_titles(text: str) -> bool:
    """Return True for titles in a row ("Imaging tests Blood tests Key points")."""
    words = lexical.segment(text).split()
    starts = sum(word not in STOP_WORDS for word in _BEFORE_CAPITAL.findall(text))
    function_words = sum(word in STOP_WORDS for word in words)
    return (
        starts >= MIN_TITLES
        and starts * MAX_TITLE_WORDS >= len(words)
        and function_words < MAX_FUNCTION_WORDS * len(words)
    )
