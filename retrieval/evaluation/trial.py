"""One question put to one mode, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from documents.models import Workspace
from retrieval import keywords, legs, modes, reading, understanding, weighing
from retrieval.clock import Clock
from retrieval.crossing import in_database
from retrieval.evaluation.questions import GoldQuestion
from retrieval.evidence import Evidence
from retrieval.llm import tokens
from retrieval.params import Mode, QueryParams
from retrieval.question import Question

LEXICAL = "lexical"
"""Passages by words alone: no mode of a query, but what others are compared with."""
WITHOUT_KEYWORDS = "-nokw"
"""Ends the name of a mode that is to ask no model for keywords."""
NAMES = (LEXICAL, *(mode.value for mode in Mode if mode is not Mode.BYPASS))


@dataclass(frozen=True, slots=True)
class Trial:
    """`ranking`: for each passage, best first, the names it goes by: chunk and document.

    `tokens` of the context; `search` of the `seconds` were the database's.
    """

    question: str
    gold: frozenset[str]
    ranking: tuple[tuple[str, str], ...]
    tokens: int
    model_calls: int
    seconds: float
    search: float


async def run(workspace: Workspace, asked: GoldQuestion, name: str) -> Trial:
    """Search as a query in this mode would, answer excepted."""
    clock, started = Clock(), time.monotonic()
    params = _params(asked.question, name)
    calls = int(keywords.model_for(params) is not None)
    question = await understanding.understand(workspace, params, clock)
    with clock.step("search"):
        evidence = await in_database(_look(name), question)
    found = await weighing.weigh(question, params, evidence, clock)
    return Trial(
        question=asked.question,
        gold=asked.gold,
        ranking=tuple((p.chunk_id, p.file_path) for p in found.passages),
        tokens=tokens.count(found.text),
        model_calls=calls,
        seconds=time.monotonic() - started,
        search=clock.steps["search"],
    )


def _params(question: str, name: str) -> QueryParams:
    mode = Mode.NAIVE if name == LEXICAL else Mode(name.removesuffix(WITHOUT_KEYWORDS))
    params = QueryParams(question, mode)
    if not name.endswith(WITHOUT_KEYWORDS):
        return params
    return replace(params, hl_keywords=(question,), ll_keywords=(question,))


def _look(name: str) -> Callable[[Question], Evidence]:
    return _by_words if name == LEXICAL else modes.look


def _by_words(question: Question) -> Evidence:
    with reading.tuned(question) as tuned:
        return modes.gather(tuned, legs.WORDS)
