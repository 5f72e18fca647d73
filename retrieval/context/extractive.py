"""Answer without a language model: quote the sentences nearest to the question. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.index import lexical
from retrieval.search.evidence import FoundChunk

MAX_QUOTES = 5
MAX_SENTENCES = 3
"""Upper bound on the adjacent sentences of one quotation."""

MAX_QUOTE_CHARS = 600
MIN_PREFIX_CHARS = 4
"""Length from which a word also matches longer words that start with it."""

NOTICE = "No language model is configured. These excerpts come closest to the question:"
NOTICE_HAN = "未設定語言模型。以下是與問題最相關的原文："
NOTHING_TO_QUOTE = "No language model is configured, and no chunk was found to quote."

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
    """Adjacent sentences of a chunk; `score` weighs the question's words in them."""

    text: str
    score: float
    chunk: FoundChunk


def answer(query: str, chunks: Sequence[FoundChunk]) -> str:
    """Return Markdown: a notice in the question's script, then quotations with marks."""
    if not chunks:
        return NOTHING_TO_QUOTE
    quotes = best_quotes(query, chunks)
    han = _HAN.search(query) and not _KANA.search(query)
    return "\n\n".join([NOTICE_HAN if han else NOTICE, *map(_markdown, quotes)])


def best_quotes(query: str, chunks: Sequence[FoundChunk]) -> list[Quote]:
    """Return the best part of each chunk, best first, without duplicates.

    If no chunk shares a word with the question (it may be in another language), return
    the first sentences of the first chunks.
    """
    wanted = frozenset(lexical.segment(query).split())
    sentences = [_sentences(chunk.content) for chunk in chunks]
    # For each sentence of each chunk, the question's words in it.
    matches = [[_matching(wanted, _words(text)) for text in own] for own in sentences]
    weights = _weights([words for own in matches for words in own])
    parts: dict[str, Quote] = {}
    for chunk, texts, own in zip(chunks, sentences, matches, strict=True):
        if texts:
            scores = [sum(map(weights.__getitem__, words)) for words in own]
            part = _best_part(chunk, texts, scores)
            parts.setdefault(part.text, part)
    ranked = sorted(parts.values(), key=lambda quote: quote.score, reverse=True)
    relevant = [quote for quote in ranked if quote.score > ranked[0].score / 3]
    return relevant[:MAX_QUOTES] if relevant else ranked[:MAX_SENTENCES]


def _sentences(text: str) -> list[str]:
    """Split into sentences, without headings unless there is nothing else."""
    parts = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    return [part for part in parts if not part.startswith("#")] or parts


def _matching(wanted: frozenset[str], words: Sequence[str]) -> frozenset[str]:
    """Return the wanted words among `words`, also as a prefix ("fail": "failed")."""
    prefixes = {word for word in wanted if len(word) >= MIN_PREFIX_CHARS}
    return wanted.intersection(words) | {
        word for word in prefixes if any(other.startswith(word) for other in words)
    }


def _words(sentence: str) -> list[str]:
    return lexical.segment(sentence).split()


def _weights(sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return the inverse document frequency of each of the question's words."""
    counts = Counter(word for words in sentences for word in words)
    return {word: math.log(1 + len(sentences) / n) for word, n in counts.items()}


def _best_part(chunk: FoundChunk, texts: list[str], scores: list[float]) -> Quote:
    """Return the best sentence, with the next ones that also match the question."""
    best = max(range(len(texts)), key=scores.__getitem__)
    end = best + 1
    while end - best < MAX_SENTENCES and end < len(texts) and scores[end]:
        end += 1
    return Quote(_truncate(" ".join(texts[best:end])), scores[best], chunk)


def _truncate(text: str) -> str:
    if len(text) <= MAX_QUOTE_CHARS:
        return text
    return text[:MAX_QUOTE_CHARS].rstrip() + "…"


def _markdown(quote: Quote) -> str:
    chunk = quote.chunk
    pages = "–".join(map(str, chunk.pages))
    origin = f"{chunk.file_path}, p. {pages}" if pages else chunk.file_path
    return f"> {quote.text} [{chunk.reference_id}]\n>\n> — {origin}"
