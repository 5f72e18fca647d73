"""Extraction without a language model: by grammar and co-occurrence.

Text in Latin letters is parsed by spaCy, Chinese text by LAC, both in a thread of this
process. 1,200 tokens take about 0.3 s of CPU.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from graph.extraction.contract import CachedCalls, ChunkText, ExtractionResult
from graph.extraction.linguistic import chinese as linguistic_chinese
from graph.extraction.linguistic import english, terms
from graph.extraction.linguistic.terms import Sentence
from graph.extraction.records import Extraction

IDENTITY = "linguistic:spacy+lac"

_HAN = re.compile(r"[\u3400-\u9fff]")
_BREAK = re.compile(r"(?<=[。！？；])|\n+")
_MIN_HAN_SHARE = 0.1
"""Minimum share of Han characters in a Chinese sentence."""
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class LinguisticExtractor:
    """Deterministic extractor without a model."""

    max_entities: int = 40
    max_records: int = 100
    identity: str = IDENTITY
    rounds: int = 0

    def next_request(self, chunk: ChunkText, cached: CachedCalls) -> None:
        """Return None: no model is called."""

    async def probe(self) -> None:
        """Do nothing: there is no model."""

    async def extract(self, chunk: ChunkText, cached: CachedCalls) -> ExtractionResult:
        extraction = await asyncio.to_thread(self._read, chunk.text)
        return ExtractionResult(extraction, self.identity)

    def _read(self, text: str) -> Extraction:
        # Both libraries hold the interpreter's lock, so a second thread would only wait.
        with _lock:
            return terms.extraction(
                list(sentences(text)),
                max_entities=self.max_entities,
                max_records=self.max_records,
            )


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of `text` with their terms, each by its language."""
    for chinese, group in groupby(_BREAK.split(text), key=_is_chinese):
        read = _chinese if chinese else _latin
        yield from read(group)


def _is_chinese(line: str) -> bool:
    return len(_HAN.findall(line)) > len(line) * _MIN_HAN_SHARE


def _chinese(lines: Iterable[str]) -> Iterator[Sentence]:
    for line in lines:
        yield from linguistic_chinese.sentence(line.strip())


def _latin(lines: Iterable[str]) -> Iterator[Sentence]:
    text = "\n".join(lines)
    if any(char.isalpha() for char in text):
        yield from english.sentences(text)
