"""Citations: the marks of an answer and the sentences they refer to.

They are computed from the answer's text and the chunks, without a model. A quotation is
always the document's own text. Models write marks in several forms: `[1]`, `[1, 2]`,
`[1-3]`, `【1】`, `【1†source】`, `[^1]`, `[Passage 1]`, `[來源 1]`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.context import quotes, sentences
from retrieval.context.references import Reference
from retrieval.search.evidence import FoundChunk

_LABEL = (
    r"(?:passages?|sources?|references?|refs?|chunks?|documents?|docs?|citations?|cites?"
    r"|files?|reference_id|id|來源|来源|出處|出处|參考|参考|引用|段落|文獻|文献|資料|资料)"
)
_SEPARATOR = r"\s*(?:[,;，；、&]|\band\b|\bund\b|和|與|与|及)\s*"
_DASH = r"\s*[-–—~～]\s*"
_NUMBER = r"\^?#?\d{1,3}\^?"
_RANGE_OF_NUMBERS = rf"{_NUMBER}(?:{_DASH}{_NUMBER})?"
_LABELED = rf"{_LABEL}[.:：#_\s-]*{_RANGE_OF_NUMBERS}"
_ITEM = rf"(?:{_LABELED}|{_RANGE_OF_NUMBERS})"
_MORE_ITEMS = rf"(?:{_SEPARATOR}{_ITEM})*"
_DETAIL = r"(?:†[^\]】\n]{0,80}|\s*[,;:]\s*(?:pp?|pages?|S)\b[.\s]*\d+(?:[-–]\d+)?)?"
_MARK = re.compile(
    # Does not match `\[1\]`, which begins a formula, and `[1](…)`, which is a link.
    rf"(?<!\\)(?:\[\[|[\[【［〔])\s*(?P<items>{_ITEM}{_MORE_ITEMS}){_DETAIL}\s*"
    r"(?:\]\]|[\]】］〕])(?!\()"
    # Round brackets must contain a word, because `(1)` also numbers the items of a list.
    rf"|[(（]\s*(?P<labeled>{_LABELED}{_MORE_ITEMS}){_DETAIL}\s*[)）]",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"(\d{{1,3}})\^?(?:{_DASH}\^?#?(\d{{1,3}}))?")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
MAX_MARKS = 500
"""Upper bound on the marks of an answer; a quotation is searched for each."""
_MAX_RANGE = 50
"""Upper bound on the references that one range names; a longer one is not a citation."""

_MAX_STATEMENT_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """The citation mark at `start`:`end` of the answer, and the numbers it names."""

    start: int
    end: int
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """The mark at `start`:`end` (characters of the answer), and the text it refers to.

    A mark that names several references has a citation for each.
    """

    start: int
    end: int
    reference: Reference
    chunk: FoundChunk
    quote: str


def marks(text: str) -> list[Mark]:
    """Return the citation marks of `text` in order, without those in code."""
    code = [match.span() for match in _CODE.finditer(text)] if "`" in text else []
    starts = [start for start, _ in code]
    result = list[Mark]()
    for match in _MARK.finditer(text):
        numbers = _numbers(match["items"] or match["labeled"])
        before = bisect_right(starts, match.start())
        in_code = before > 0 and match.start() < code[before - 1][1]
        if numbers and not in_code:
            result.append(Mark(*match.span(), numbers))
        if len(result) == MAX_MARKS:
            break
    return result


def _numbers(items: str) -> tuple[str, ...]:
    """Return the numbers of a mark, with those inside its ranges."""
    numbers: dict[str, None] = {}
    for match in _RANGE.finditer(items):
        first, last = int(match[1]), int(match[2] or match[1])
        if not 0 <= last - first < _MAX_RANGE:
            return ()
        numbers |= dict.fromkeys(map(str, range(first, last + 1)))
    return tuple(numbers)


def without_marks(text: str) -> str:
    """Return the text without its citation marks."""
    parts, end = [], 0
    for mark in marks(text):
        parts.append(text[end : mark.start].rstrip(" "))
        end = mark.end
    return "".join([*parts, text[end:]])


def find(text: str, references: Sequence[Reference]) -> list[Citation]:
    """Return the citations of the answer `text`, in order.

    Numbers that name no reference are left out (see `unknown_numbers`).
    """
    by_id = {reference.reference_id: reference for reference in references}
    return [
        _citation(text, mark, by_id[number])
        for mark in marks(text)
        for number in mark.numbers
        if number in by_id
    ]


def unknown_numbers(text: str, references: Sequence[Reference]) -> tuple[str, ...]:
    """Return the numbers in the marks of the answer that name no reference."""
    existing = {reference.reference_id for reference in references}
    named = (number for mark in marks(text) for number in mark.numbers)
    return tuple(dict.fromkeys(number for number in named if number not in existing))


def _citation(text: str, mark: Mark, reference: Reference) -> Citation:
    quoted = _quotation(text[: mark.start], reference)
    if quoted:
        return Citation(mark.start, mark.end, reference, *quoted)
    best = quotes.best_quotes(statement(text, mark.start), reference.chunks)
    chunk = best[0].chunk if best else reference.chunks[0]
    quote = best[0].text if best else chunk.content
    return Citation(mark.start, mark.end, reference, chunk, quote)


def _quotation(before: str, reference: Reference) -> tuple[FoundChunk, str] | None:
    """Return the chunk that a block quotation before a mark is taken from, and its text.

    ` … ` separates sentences that are not adjacent in the chunk.
    """
    line = without_marks(before[before.rfind("\n") + 1 :]).strip()
    if not line.startswith(">"):
        return None
    text = " ".join(line.lstrip("> ").split())
    for chunk in reference.chunks:
        content = " ".join(chunk.content.split())
        if all(part.rstrip("…") in content for part in text.split(" … ")):
            return chunk, text
    return None


def statement(text: str, end: int) -> str:
    """Return the sentence before `end`; adjacent marks share a sentence."""
    before = without_marks(text[max(0, end - _MAX_STATEMENT_CHARS) : end])
    before = before.rstrip(" .。")
    parts = sentences.split(before)
    return parts[-1].text if parts else ""
