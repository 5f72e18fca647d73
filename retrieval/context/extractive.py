"""An answer without a language model: the sentences that come closest, quoted. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.index import lexical
from retrieval.search.evidence import Passage

QUOTES = 5
SENTENCES = 3
"""Neighbouring sentences of one quotation, at most."""

QUOTE_CHARS = 600
LONGER_FORMS_FROM = 4
"""Characters a word must have for a longer one to count as a form of it."""

NOTICE = "No language model is configured. These passages come closest to the question:"
NOTICE_HAN = "未設定語言模型。以下是與問題最相關的原文："
NO_PASSAGES = "No language model is configured, and no passage was found to quote."

_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3041-\u30ff]")
_STOPS = ".!?。！？"
_CLOSING = "”\"'』」)"
# A full stop inside a number or a name ends no sentence; a Chinese one always does.
_SENTENCE = re.compile(
    rf"[^{_STOPS}\n]+(?:[.!?]+(?=[^\s{_STOPS}{_CLOSING}])[^{_STOPS}\n]+)*"
    rf"[{_STOPS}]*[{_CLOSING}]*"
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Some sentences of a passage, and how much of the question they hold."""

    text: str
    score: float
    passage: Passage


def answer(query: str, passages: Sequence[Passage]) -> str:
    """Markdown: a notice in the question's script, then quotations with their [n]."""
    if not passages:
        return NO_PASSAGES
    quotes = best_quotes(query, passages)
    han = _HAN.search(query) and not _KANA.search(query)
    return "\n\n".join([NOTICE_HAN if han else NOTICE, *map(_shown, quotes)])


def best_quotes(query: str, passages: Sequence[Passage]) -> list[Quote]:
    """The best part of each passage, best first; what overlaps is quoted once.

    Where no passage shares a word with the question (it may be in another language),
    the first passages' beginnings, for their order is all that is known.
    """
    wanted = frozenset(lexical.segment(query).split())
    texts = [_sentences(passage.content) for passage in passages]
    # Of each sentence, the words of the question that are in it.
    words = [[_held(wanted, _words(text)) for text in own] for own in texts]
    weights = _weights([found for own in words for found in own])
    parts: dict[str, Quote] = {}
    for passage, own, found in zip(passages, texts, words, strict=True):
        if own:
            scores = [sum(map(weights.__getitem__, sentence)) for sentence in found]
            part = _best_part(passage, own, scores)
            parts.setdefault(part.text, part)
    ranked = sorted(parts.values(), key=lambda quote: quote.score, reverse=True)
    telling = [quote for quote in ranked if quote.score > ranked[0].score / 3]
    return telling[:QUOTES] if telling else ranked[:SENTENCES]


def _sentences(text: str) -> list[str]:
    """A heading is no sentence, unless there is nothing else."""
    found = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    return [part for part in found if not part.startswith("#")] or found


def _held(wanted: frozenset[str], words: Sequence[str]) -> frozenset[str]:
    """The question's words among these, also in a longer form ("fail": "failed")."""
    longer = {word for word in wanted if len(word) >= LONGER_FORMS_FROM}
    return wanted.intersection(words) | {
        word for word in longer if any(other.startswith(word) for other in words)
    }


def _words(sentence: str) -> list[str]:
    return lexical.segment(sentence).split()


def _weights(sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """What each word of the question is worth: the rarer in the passages, the more."""
    counts = Counter(word for words in sentences for word in words)
    return {word: math.log(1 + len(sentences) / n) for word, n in counts.items()}


def _best_part(passage: Passage, texts: list[str], scores: list[float]) -> Quote:
    """The best sentence, and those after it that hold words of the question too."""
    best = max(range(len(texts)), key=scores.__getitem__)
    last = best + 1
    while last - best < SENTENCES and last < len(texts) and scores[last]:
        last += 1
    return Quote(_shortened(" ".join(texts[best:last])), scores[best], passage)


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_CHARS else text[:QUOTE_CHARS].rstrip() + "…"


def _shown(quote: Quote) -> str:
    passage = quote.passage
    pages = "–".join(map(str, passage.pages))
    place = f"{passage.file_path}, p. {pages}" if pages else passage.file_path
    return f"> {quote.text} [{passage.reference_id}]\n>\n> — {place}"
