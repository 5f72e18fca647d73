"""Support check: compare each sentence of an answer with the chunks that it cites.

The words, names, numbers and negations of the sentence are compared with the cited
chunks, without a model. Sentences without a citation, and sentences in another script
than their source, are not judged. Measured in docs/benchmarks/answers.md. The verdicts of
a model (`retrieval.query.support_judge`) replace those of the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from retrieval.context import citations, sentences
from retrieval.context.references import Reference
from retrieval.index import lexical
from retrieval.search.evidence import FoundChunk
from retrieval.search.stop_words import STOP_WORDS

SUPPORTED_SHARE = 0.65
"""Share of a sentence's content words in the cited chunk from which it is supported."""

PARTLY_SHARE = 0.35
WINDOW = 3
"""Number of adjacent sentences of a chunk that are compared with one sentence."""

MIN_STEM_CHARS = 4
STEM_CUT = 3

OMITTED = "[…]"
"""Replaces a sentence that is withheld."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"(?<![.!?:\n] )(?<!^)(?<=\s)[^\W\d_a-z][^\W\d_]+(?:['’]s)?")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|unable|fails? to|failed to"
    r"|nicht|kein\w*|nie|ohne|pas|jamais|sans|nunca|sin)\b|n['’]t\b|[不沒没未無无非]",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_UNSPACED = re.compile(f"[{lexical.UNSPACED}]")


class Verdict(StrEnum):
    """Whether the cited chunks state what the sentence states."""

    SUPPORTED = "supported"
    PARTLY = "partly_supported"
    NOT_SUPPORTED = "not_supported"


Verdicts = Mapping[int, Verdict]
"""The verdicts of a model, by the start of the sentence."""
NO_VERDICTS: Verdicts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence at `start`:`end` of the answer that has marks.

    `text` has no marks. `cited` are the references of `reference_ids` that exist.
    """

    start: int
    end: int
    text: str
    reference_ids: tuple[str, ...]
    cited: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """The sentence at `start`:`end` of the answer, with the marks that follow it."""

    start: int
    end: int
    text: str
    reference_ids: tuple[str, ...]
    verdict: Verdict


def statements(text: str, references: Sequence[Reference]) -> list[Statement]:
    """Return the sentences of the answer that have marks, in order."""
    by_id = {reference.reference_id: reference for reference in references}
    return [
        Statement(
            start,
            end,
            sentence,
            numbers,
            tuple(by_id[number] for number in numbers if number in by_id),
        )
        for start, end, sentence, numbers in _statements(text)
    ]


def check(
    text: str, references: Sequence[Reference], by_model: Verdicts = NO_VERDICTS
) -> list[CheckedSentence]:
    """Return the verdict of each sentence that cites a reference, in order."""
    checked = []
    for item in statements(text, references):
        verdict = by_model.get(item.start) or _by_words(item)
        if verdict:
            checked.append(
                CheckedSentence(
                    item.start, item.end, item.text, item.reference_ids, verdict
                )
            )
    return checked


def _by_words(statement: Statement) -> Verdict | None:
    if not statement.cited:
        return Verdict.NOT_SUPPORTED
    chunks = [chunk for reference in statement.cited for chunk in reference.chunks]
    return judge(statement.text, chunks)


def by_mark(
    text: str, references: Sequence[Reference], by_model: Verdicts = NO_VERDICTS
) -> dict[int, Verdict]:
    """Return the verdict of each sentence by the start of each of its marks."""
    marks = citations.marks(text)
    return {
        mark.start: sentence.verdict
        for sentence in check(text, references, by_model)
        for mark in marks
        if sentence.start <= mark.start < sentence.end
    }


def withhold(text: str, references: Sequence[Reference]) -> str:
    """Return the text with OMITTED in the place of sentences that are not supported."""
    parts, end = [], 0
    for sentence in check(text, references):
        if sentence.verdict is Verdict.NOT_SUPPORTED:
            parts += [text[end : sentence.start], OMITTED]
            end = sentence.end
    return "".join([*parts, text[end:]])


def complete_part(text: str) -> str:
    """Return the beginning of a growing text whose sentences and marks are complete."""
    parts = sentences.split(text)
    return text[: parts[-2].start] if len(parts) > 2 else ""


def _statements(text: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
    """Yield start, end, sentence without marks, and cited numbers of each sentence.

    Marks after the full stop belong to the sentence before them.
    """
    marks = citations.marks(text)
    bounds = [(part.start, part.end) for part in sentences.split(text)]
    groups: list[tuple[int, int]] = []
    for start, end in bounds:
        alone = not citations.without_marks(text[start:end]).strip(" .,;。")
        leading = next((m.end for m in marks if m.start == start), None)
        if groups and (alone or leading):
            groups[-1] = (groups[-1][0], end if alone else leading or end)
            start = end if alone else leading or end
        if start < end:
            groups.append((start, end))
    for start, end in groups:
        marks_inside = [mark for mark in marks if start <= mark.start < end]
        numbers = dict.fromkeys(
            number for mark in marks_inside for number in mark.numbers
        )
        if numbers:
            statement = citations.without_marks(text[start:end]).strip()
            yield start, end, statement, tuple(numbers)


def judge(statement: str, chunks: Sequence[FoundChunk]) -> Verdict | None:
    """Return the verdict of one statement; None if it can't be compared by words."""
    words = content_words(statement)
    sources = [_source(chunk) for chunk in chunks]
    if not words or not sources or not _same_script(statement, chunks):
        return None
    every = frozenset().union(*(source.stems for source in sources))
    numbers = frozenset().union(*(source.numbers for source in sources))
    if _numbers(statement) - numbers:
        return Verdict.NOT_SUPPORTED
    if any(_stem(name) not in every for name in names(statement)):
        return Verdict.NOT_SUPPORTED
    stems_of_words = frozenset(map(_stem, words))
    share, window = max(
        (len(stems_of_words & stems) / len(stems_of_words), text)
        for source in sources
        for stems, text in source.windows
    )
    if share < PARTLY_SHARE:
        return Verdict.NOT_SUPPORTED
    if share < SUPPORTED_SHARE:
        return Verdict.PARTLY
    return Verdict.SUPPORTED if _agrees(statement, window) else Verdict.NOT_SUPPORTED


def _agrees(statement: str, window: str) -> bool:
    """Return False if only one of the statement and its nearest sentence is negated."""
    statement_stems = frozenset(map(_stem, content_words(statement)))
    nearest = max(
        (part.text for part in sentences.split(window)),
        key=lambda text: len(
            statement_stems & frozenset(map(_stem, content_words(text)))
        ),
        default=window,
    )
    return bool(_NEGATION.search(statement)) == bool(_NEGATION.search(nearest))


@dataclass(frozen=True, slots=True)
class _Source:
    stems: frozenset[str]
    numbers: frozenset[str]
    windows: tuple[tuple[frozenset[str], str], ...]


def _source(chunk: FoundChunk) -> _Source:
    return _source_of(" ".join((*chunk.headings, chunk.file_path)), chunk.content)


@lru_cache(maxsize=256)
def _source_of(title: str, content: str) -> _Source:
    """Return the parts of a chunk that are compared; its title counts in every window."""
    title_stems = frozenset(map(_stem, content_words(title)))
    parts = [part.text for part in sentences.split(content)] or [content]
    stems = [frozenset(map(_stem, content_words(part))) for part in parts]
    lead = stems[0] | title_stems
    windows = tuple(
        (lead.union(*stems[n : n + WINDOW]), " ".join(parts[n : n + WINDOW]))
        for n in range(max(1, len(parts) - WINDOW + 1))
    )
    return _Source(title_stems.union(*stems), _numbers(f"{title} {content}"), windows)


def content_words(text: str) -> list[str]:
    """Return the words of the text that are not stop words."""
    return [word for word in lexical.segment(text).split() if word not in STOP_WORDS]


def names(statement: str) -> list[str]:
    """Return capitalised words inside the statement, in the form of the index."""
    matches = (match[0] for match in _NAME.finditer(statement))
    return [word for name in matches for word in content_words(name)]


def _numbers(text: str) -> frozenset[str]:
    return frozenset(match.replace(",", "") for match in _NUMBER.findall(text))


def _stem(word: str) -> str:
    if _UNSPACED.search(word):
        return word
    return word[: max(MIN_STEM_CHARS, len(word) - STEM_CUT)]


def _same_script(statement: str, chunks: Sequence[FoundChunk]) -> bool:
    """Return True if both or neither are mostly in a script without spaces."""
    sample = "".join(chunk.content[:500] for chunk in chunks)
    return _is_unspaced(statement) == _is_unspaced(sample)


def _is_unspaced(text: str) -> bool:
    return len(_UNSPACED.findall(text)) * 3 > len(_LETTER.findall(text))
