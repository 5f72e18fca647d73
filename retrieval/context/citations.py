"""Where an answer cites what: its `[n]` marks, and the sentences they rest on. Pure.

Made from the answer's words and the passages, never by a model: a mark that names no
reference is passed over, and the quotation is always the document's own text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.context import extractive
from retrieval.context.references import Reference
from retrieval.search.evidence import Passage

_MARK = re.compile(r"\[(\d{1,4})\]")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？\n]")
_LONGEST_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class Citation:
    """The mark at `start`:`end` (characters of the answer), and what it stands for."""

    start: int
    end: int
    reference: Reference
    passage: Passage
    quote: str


def find(text: str, listed: Sequence[Reference]) -> list[Citation]:
    """All marks of the answer, in order."""
    known = {reference.reference_id: reference for reference in listed}
    return [
        _citation(text, mark, known[mark[1]])
        for mark in _MARK.finditer(text)
        if mark[1] in known
    ]


def _citation(text: str, mark: re.Match[str], reference: Reference) -> Citation:
    quotes = extractive.best_quotes(statement(text, mark.start()), reference.passages)
    passage = quotes[0].passage if quotes else reference.passages[0]
    quote = quotes[0].text if quotes else passage.content
    return Citation(mark.start(), mark.end(), reference, passage, quote)


def statement(text: str, end: int) -> str:
    """The sentence before `end`; marks that follow one another share it."""
    before = _MARK.sub("", text[max(0, end - _LONGEST_STATEMENT) : end]).rstrip(" .。")
    ends = [found.end() for found in _SENTENCE_END.finditer(before)]
    return before[ends[-1] :] if ends else before
