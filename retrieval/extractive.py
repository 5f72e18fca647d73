"""An answer without a language model: the sentences that come closest, quoted. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph import lexical
from retrieval.evidence import Passage

QUOTES = 5
SENTENCES = 3
"""Neighbouring sentences of one quotation, at most."""

QUOTE_CHARS = 600
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
    """The best part of each passage, best first.

    Where no passage shares a word with the question (it may be in another language),
    the first passages' beginnings, for their order is all that is known.
    """
    wanted = frozenset(lexical.segment(query).split())
    sentences = [(passage, _sentences(passage.content)) for passage in passages]
    weights = _weights(wanted, (text for _, texts in sentences for text in texts))
    quotes = [
        _best_part(passage, texts, weights) for passage, texts in sentences if texts
    ]
    ranked = sorted(quotes, key=lambda quote: quote.score, reverse=True)
    telling = [quote for quote in ranked if quote.score > ranked[0].score / 3]
    return telling[:QUOTES] if telling else quotes[:SENTENCES]


def _sentences(text: str) -> list[str]:
    return [found for part in _SENTENCE.findall(text) if (found := part.strip())]


def _weights(wanted: frozenset[str], sentences: Iterable[str]) -> dict[str, float]:
    """What each word of the question is worth: the rarer in the passages, the more."""
    counts: Counter[str] = Counter()
    total = 0
    for sentence in sentences:
        total += 1
        counts.update(wanted.intersection(lexical.segment(sentence).split()))
    return {word: math.log(1 + total / count) for word, count in counts.items()}


def _best_part(passage: Passage, texts: list[str], weights: dict[str, float]) -> Quote:
    scores = [_score(text, weights) for text in texts]
    best = max(range(len(texts)), key=scores.__getitem__)
    first, last = best, best + 1
    while last - first < SENTENCES and last < len(texts) and scores[last]:
        last += 1
    text = " ".join(texts[first:last])
    return Quote(_shortened(text), scores[best], passage)


def _score(sentence: str, weights: dict[str, float]) -> float:
    return sum(
        weights.get(word, 0.0) for word in set(lexical.segment(sentence).split())
    )


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_CHARS else text[:QUOTE_CHARS].rstrip() + "…"


def _shown(quote: Quote) -> str:
    passage = quote.passage
    pages = "–".join(map(str, passage.pages))
    place = f"{passage.file_path}, p. {pages}" if pages else passage.file_path
    return f"> {quote.text} [{passage.reference_id}]\n>\n> — {place}"
