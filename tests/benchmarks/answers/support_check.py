"""Support check of planted answers: half of the sentences are altered or cite another chunk."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from retrieval.context import sentences, support
from retrieval.context.references import Reference
from retrieval.context.support import Verdict
from retrieval.llm.testing.fake import FakeChat
from retrieval.query import support_judge
from retrieval.search.evidence import FoundChunk

ANSWERS = 200
SENTENCES = 3
"""Sentences of an answer, each from another chunk."""

JUDGE_ERRORS = 0.05
"""Share of the sentences about which the stand-in judge is wrong."""

SYNONYMS = {
    "located": "situated",
    "founded": "established",
    "began": "started",
    "large": "big",
    "released": "published",
    "also": "additionally",
    "film": "movie",
    "including": "such as",
    "became": "turned into",
    "used": "employed",
    "often": "frequently",
    "cancer": "malignancy",
    "treatment": "therapy",
    "help": "assist",
    "doctor": "physician",
}
_VERB = re.compile(r"\b(?:is|was|are|were|can|may|has)\b")
_NAME = re.compile(r"(?<=\s)[A-Z][a-z]{3,}")
_NUMBER = re.compile(r"\b\d{2,4}\b")
RIGHT, OTHER_CHUNK = "right", "other chunk"


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with the number of the reference it cites, and what is wrong with it."""

    text: str
    number: str
    kind: str = RIGHT


def tables(data: Path, seed: int = 1) -> list[Table]:
    """Return the verdicts of the words, and of a stand-in for a judge model."""
    chance, judge_chance = random.Random(seed), random.Random(seed + 1)
    chunks = _chunks(data)
    of_words: Counter[tuple[str, str]] = Counter()
    of_judge: Counter[tuple[str, str]] = Counter()
    for _ in range(ANSWERS):
        references, planted = _answer(chance, chunks)
        text = " ".join(f"{item.text.rstrip('.')} [{item.number}]." for item in planted)
        judge = _judge(planted, judge_chance)
        by_model = asyncio.run(support_judge.verdicts(judge, text, references))
        for counts, judged in ((of_words, support.NO_VERDICTS), (of_judge, by_model)):
            by_mark = iter(support.by_mark(text, references, judged).values())
            for item in planted:
                counts[item.kind, next(by_mark, Verdict.SUPPORTED)] += 1
    return [
        _kinds(of_words),
        _shares("words", of_words),
        _shares("stand-in judge", of_judge),
    ]


def _judge(planted: Sequence[Planted], chance: random.Random) -> FakeChat:
    """Return a model that knows what is wrong, and is wrong about JUDGE_ERRORS."""
    verdicts = [
        Verdict.SUPPORTED
        if (item.kind == RIGHT) != (chance.random() < JUDGE_ERRORS)
        else Verdict.NOT_SUPPORTED
        for item in planted
    ]
    return FakeChat([json.dumps({"verdicts": verdicts})])


def _chunks(data: Path) -> list[FoundChunk]:
    musique = json.loads((data / "musique" / "passages.json").read_text("utf-8"))
    medical = json.loads((data / "medical" / "chunks.json").read_text("utf-8"))
    texts = [f"{item['title']}\n{item['text']}" for item in musique]
    texts += [item["content"] for item in medical]
    return [
        FoundChunk(f"c{number}", f"d{number}", f"{number}.txt", text, 10)
        for number, text in enumerate(texts)
    ]


def _answer(
    chance: random.Random, chunks: Sequence[FoundChunk]
) -> tuple[list[Reference], list[Planted]]:
    """Return references, and sentences of which half are not supported by theirs."""
    while True:
        chosen = chance.sample(chunks, SENTENCES)
        statements = [_statements(chunk.content) for chunk in chosen]
        if all(statements):
            break
    references = [
        Reference(str(number), chunk.file_path, chunk.document_id, (chunk,))
        for number, chunk in enumerate(chosen, start=1)
    ]
    planted = []
    for index, own in enumerate(statements):
        number = str(index + 1)
        text = _paraphrased(chance.choice(own), chance)
        other = statements[(index + 1) % SENTENCES]
        choice = chance.random()
        if choice < 0.25:
            wrong = str((index + 1) % SENTENCES + 1)
            planted.append(Planted(text, wrong, OTHER_CHUNK))
        elif choice < 0.5:
            planted.append(
                Planted(*_altered(text, chance.choice(other), number, chance))
            )
        else:
            planted.append(Planted(text, number))
    return references, planted


def _statements(text: str) -> list[str]:
    return [
        part.text
        for part in sentences.split(text)
        if 8 <= len(part.text.split()) <= 40
        and part.text.endswith(".")
        and "[" not in part.text
    ]


def _paraphrased(text: str, chance: random.Random) -> str:
    """Return the sentence with synonyms and, at random, its last clause moved."""
    text = " ".join(SYNONYMS.get(word, word) for word in text.split())
    if ", " in text and chance.random() < 0.5:
        rest, clause = text.rstrip(".").rsplit(", ", 1)
        if 3 < len(clause.split()) < 12:
            return f"{clause[0].upper()}{clause[1:]}, {rest}."
    return text


def _altered(
    text: str, other: str, number: str, chance: random.Random
) -> tuple[str, str, str]:
    """Return the sentence with another number or name, or negated, and which it is."""
    names = [name for name in _NAME.findall(other) if name not in text]
    kinds = [
        kind
        for kind, is_possible in (
            ("number", _NUMBER.search(text)),
            ("name", names and _NAME.search(text)),
            ("negation", _VERB.search(text)),
        )
        if is_possible
    ]
    if not kinds:
        return text, number, RIGHT
    kind = chance.choice(kinds)
    if kind == "number":
        old = chance.choice(_NUMBER.findall(text))
        new = str(int(old) + chance.choice((1, 3, 7, -2, 11)))
        return text.replace(old, new, 1), number, kind
    if kind == "name":
        old = chance.choice(_NAME.findall(text))
        return text.replace(old, chance.choice(names), 1), number, kind
    return _VERB.sub(lambda verb: f"{verb[0]} not", text, count=1), number, kind


def _kinds(verdicts: Counter[tuple[str, str]]) -> Table:
    columns = ("sentence", *(verdict.value for verdict in Verdict))
    table = Table(*columns, title=f"Support check, {ANSWERS} answers")
    for kind in sorted({kind for kind, _ in verdicts}):
        counts = (str(verdicts[kind, verdict]) for verdict in Verdict)
        table.add_row(kind, *counts)
    return table


def _shares(judge: str, verdicts: Counter[tuple[str, str]]) -> Table:
    table = Table("reported", "precision", "recall", title=f"Wrong sentences: {judge}")
    wrong = sum(count for (kind, _), count in verdicts.items() if kind != RIGHT)
    for label, reported in (
        ("not supported", {Verdict.NOT_SUPPORTED}),
        ("not, or partly supported", {Verdict.NOT_SUPPORTED, Verdict.PARTLY}),
    ):
        marked = Counter[bool]()
        for (kind, verdict), count in verdicts.items():
            if verdict in reported:
                marked[kind != RIGHT] += count
        precision = marked[True] / max(marked.total(), 1)
        table.add_row(label, f"{precision:.2f}", f"{marked[True] / wrong:.2f}")
    return table
