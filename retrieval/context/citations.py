"""Citations: the `[n]` marks of an answer and the sentences they refer to. Pure.

They are computed from the answer's text and the chunks, without a model. A mark that
names no reference is ignored, and a quotation is always the document's own text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.context import extractive
from retrieval.context.references import Reference
from retrieval.search.evidence import FoundChunk

_MARK = re.compile(r"\[(\d{1,4})\]")
_SENTENCE_END = re.compile(r"[.!?](?=\s)|[。！？\n]")
_MAX_STATEMENT_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Citation:
    """The mark at `start`:`end` (characters of the answer), and the text it refers to."""

    start: int
    end: int
    reference: Reference
    chunk: FoundChunk
    quote: str


def find(text: str, references: Sequence[Reference]) -> list[Citation]:
    """Return the citations of the answer `text`, in order."""
    by_id = {reference.reference_id: reference for reference in references}
    return [
        _citation(text, mark, by_id[mark[1]])
        for mark in _MARK.finditer(text)
        if mark[1] in by_id
    ]


def _citation(text: str, mark: re.Match[str], reference: Reference) -> Citation:
    quotes = extractive.best_quotes(statement(text, mark.start()), reference.chunks)
    chunk = quotes[0].chunk if quotes else reference.chunks[0]
    quote = quotes[0].text if quotes else chunk.content
    return Citation(mark.start(), mark.end(), reference, chunk, quote)


def statement(text: str, end: int) -> str:
    """Return the sentence before `end`; adjacent marks share a sentence."""
    before = _MARK.sub("", text[max(0, end - _MAX_STATEMENT_CHARS) : end])
    before = before.rstrip(" .。")
    ends = [match.end() for match in _SENTENCE_END.finditer(before)]
    return before[ends[-1] :] if ends else before
