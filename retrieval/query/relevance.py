"""Decide whether the chunks that a search found relate to the question at all.

A vector search always finds something. The evidence is dropped only if both comparisons
find the question unrelated. Neither depends on the range of an embedding model's
cosines:

- Words: the share of the question's content words that occur near each other in one of
  the first chunks. Enough are: ENOUGH_WORDS of them, or WORDS_WITH_NAME if one is a name.
- Meaning: the share of the probes (everyday questions that few collections answer) that
  are further from their nearest chunk than the question is from its own. Enough are:
  all probes, or NEARER_THAN_PROBES of them if SOME_WORDS occur.

An empty result although the documents contain the answer is the worse error, so
doubtful evidence is kept. Measured in docs/benchmarks/answers.md.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from psycopg import sql

from retrieval.db_thread import run_in_db
from retrieval.index import lexical, search_rows, tables
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models
from retrieval.search import filters, search_transaction
from retrieval.search.evidence import Evidence, GraphSelection
from retrieval.search.question import MAX_WORD_CHARS, Question
from retrieval.search.search_transaction import ModelChanged
from retrieval.search.stop_words import STOP_WORDS

logger = logging.getLogger(__name__)

ENOUGH_WORDS = 0.75
"""Share of the question's words in one chunk that is enough without vectors."""

ENOUGH_PAIRS = 0.5
"""The same in a script without spaces: a pair of characters across the boundary of two
words is counted as a word, but rarely occurs in other sentences."""

WORDS_WITH_NAME = 0.3
"""Share of words that is enough without vectors if a name is among them."""

SOME_WORDS = 0.4
"""Share of words that is enough if most of the probes are further away."""

NEARER_THAN_PROBES = 0.85
"""Share of the probes that must be further away if some words occur."""

MAX_CHUNKS = 10
"""Upper bound on the first chunks whose words are compared."""

WINDOW_WORDS = 80
"""Number of adjacent words of a chunk that are compared with the question at once: a
long chunk contains most words of any question."""

MAX_GRAPH_ITEMS = 5
"""Number of first entities and relations whose descriptions are compared."""

MIN_STEM_CHARS = 4
STEM_CUT = 3
"""Letters at the end of a word that may differ ("founded", "founder")."""

_NAME = re.compile(r"(?<=\S\s)[^\W\d_a-z]\w+")
"""A capitalized word inside a sentence."""

_UNSPACED = re.compile(f"[{lexical.UNSPACED}]")
_FUNCTION_CHARACTERS = re.compile(
    "[誰谁什甚麼么嗎吗呢吧啊的了是在有和與与及或也都就還还被把將将為为於于從从到對对這这那哪幾几"
    "何請请問问我你妳您他她它們们個个位怎樣样份篇はがのをにでとも]"
)
"""Characters of Chinese and Japanese that separate content words."""

_COLLECTION_WORDS = """
answer chapter content contents database doc docs document documents file files
information main overview page pages paper papers question section summarise
summarize summary table text texts topic topics 內容 内容 文件 文檔 文档 摘要 總結 总结 資料 资料 重點
重点 主題 主题 概述
"""
COLLECTION_WORDS = frozenset(_COLLECTION_WORDS.split())
"""Words about the documents themselves, which need not occur in them."""

_QUESTION_WORDS = """
against best better big call called cause caused causes come comes different difference
find found good happen happens help helps kind long made make makes many mean means near
new often old sort take takes type work working works
"""
QUESTION_WORDS = frozenset(_QUESTION_WORDS.split())
"""Words of questions about any subject, which any text may contain."""

PROBES = (
    "How long should I boil an egg?",
    "How do I reset my password?",
    "Why does my car make a noise when braking?",
    "What is the weather like tomorrow?",
    "How can I get rid of a headache?",
    "Which phone has the best camera?",
    "How do I train a puppy?",
    "What is a good recipe for pancakes?",
    "How do I write a cover letter?",
    "What is the square root of two?",
    "How do I sort a list in Python?",
    "What time does the train leave?",
    "How do vaccines work?",
    "Who won the football match yesterday?",
    "How much tax do I have to pay?",
    "What is the meaning of life?",
)
CHINESE_PROBES = (
    "雞蛋要煮多久？",
    "忘記密碼怎麼辦？",
    "明天天氣如何？",
    "頭痛怎麼辦？",
    "哪一支手機的相機最好？",
    "怎麼訓練小狗？",
    "火車幾點開？",
    "昨天的足球賽誰贏了？",
    "要繳多少稅？",
    "怎麼做鬆餅？",
    "求職信怎麼寫？",
    "疫苗是怎麼運作的？",
)

NEAREST = """
SELECT 1 - nearest.distance
FROM unnest(%(vectors)s::text[]) WITH ORDINALITY AS query (vector, position),
    LATERAL (SELECT s.vector::halfvec({dims}) <=> query.vector::halfvec({dims}) AS distance
             FROM {chunks} s WHERE {allowed}
             ORDER BY s.vector::halfvec({dims}) <=> query.vector::halfvec({dims})
             LIMIT 1) nearest
ORDER BY query.position
"""

ProbeKey = tuple[str, bool]
"""The embedding model, and whether the probes are Chinese."""

_probe_vectors: dict[ProbeKey, tuple[str, ...]] = {}
"""pgvector literals of the probes; a cache."""

KEEP_SECONDS = 60.0
"""How long the cosines of the probes are used for other questions of a workspace. They
change only if documents about these everyday subjects are added or deleted."""

MAX_KEPT = 1_000
"""Upper bound on the workspaces whose cosines are kept."""

_probe_cosines: dict[tuple[int, ProbeKey], tuple[float, Sequence[float]]] = {}
"""The time of the computation and the cosines of the probes, by workspace; a cache."""


@dataclass(frozen=True, slots=True)
class ComparedText:
    """A text whose words are compared; those of its title count everywhere in it."""

    content: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class WordMatch:
    """The largest share of a text's words in one chunk, and whether it is enough."""

    share: float
    is_enough: bool


async def keep_relevant(question: Question, evidence: Evidence) -> Evidence:
    """Return the evidence, or none if it does not relate to the question.

    If the embedding model fails, the evidence is kept.
    """
    if not settings.LIGHTRAG.query.relevance_check or not evidence.chunks:
        return evidence
    matches = await asyncio.to_thread(_compare_words, question, evidence)
    if any(match.is_enough for match in matches):
        return evidence
    try:
        probes = await _probes(question)
        cosine, others = await run_in_db(_compare_with_probes, question, probes)
    except (LLMError, ModelChanged, ValueError) as error:
        logger.warning("The relevance of the chunks is unknown: %s", error)
        return evidence
    share = max(match.share for match in matches)
    return evidence if is_near(share, cosine, others) else Evidence()


def is_near(share: float, cosine: float, others: Sequence[float]) -> bool:
    """Decide by the share of words, and the cosine compared with those of the probes."""
    further = sum(other < cosine for other in others) / len(others)
    return further >= (NEARER_THAN_PROBES if share >= SOME_WORDS else 1)


def match_words(text: str, chunks: Iterable[ComparedText]) -> WordMatch:
    """Compare the content words of `text` with each chunk, until one has enough of them.

    Words count together if they are near each other. Any chunk has enough if `text` has
    no content words.
    """
    content_words = _content_words(text)
    if not content_words:
        return WordMatch(1.0, is_enough=True)
    enough = ENOUGH_PAIRS if _UNSPACED.search(text) else ENOUGH_WORDS
    names = {name.lower() for name in _NAME.findall(text)} & content_words
    largest = 0.0
    for chunk in chunks:
        words = _words_near_each_other(content_words, chunk)
        share = len(words) / len(content_words)
        if share >= (min(enough, WORDS_WITH_NAME) if names & words else enough):
            return WordMatch(share, is_enough=True)
        largest = max(largest, share)
    return WordMatch(largest, is_enough=False)


def _content_words(text: str) -> set[str]:
    words = lexical.segment(_FUNCTION_CHARACTERS.sub(" ", text)).split()
    return set(words) - STOP_WORDS - COLLECTION_WORDS - QUESTION_WORDS


def _words_near_each_other(content_words: set[str], chunk: ComparedText) -> set[str]:
    """Return the most content words within WINDOW_WORDS of the chunk, and of its title.

    Words count also if inflected, or as a single character.
    """
    by_stem = _by_stem(content_words)
    titles = _matches(by_stem, chunk.title)
    own = {word for _, words in titles for word in words}
    own |= {
        word
        for word in content_words
        if len(word) == 1 and not word.isascii() and word in chunk.content
    }
    best: set[str] = set()
    near: deque[tuple[int, Sequence[str]]] = deque()
    for position, words in _matches(by_stem, chunk.content):
        near.append((position, words))
        while position - near[0][0] >= WINDOW_WORDS:
            near.popleft()
        together = {word for _, group in near for word in group}
        if len(together) > len(best):
            best = together
    return best | own


def _by_stem(words: Iterable[str]) -> dict[str, list[str]]:
    stems: dict[str, list[str]] = {}
    for word in words:
        stems.setdefault(_stem(word), []).append(word)
    return stems


def _matches(
    by_stem: Mapping[str, Sequence[str]], text: str
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the positions of these words in the text."""
    for position, word in enumerate(lexical.segment(text).split()):
        if words := by_stem.get(_stem(word)):
            yield position, words


def _compare_words(question: Question, evidence: Evidence) -> list[WordMatch]:
    """Compare the words of the question, and those of its keywords if it has any."""
    chunks = list(_texts(evidence))
    keywords = " ".join((*question.keywords.high, *question.keywords.low))
    texts = {question.text, keywords or question.text}
    return [match_words(text[:MAX_WORD_CHARS], chunks) for text in texts]


def _stem(word: str) -> str:
    return word[: max(MIN_STEM_CHARS, len(word) - STEM_CUT)]


def _texts(evidence: Evidence) -> Iterator[ComparedText]:
    yield from _graph_texts(evidence.graph)
    for chunk in islice(evidence.chunks, MAX_CHUNKS):
        yield ComparedText(
            chunk.content, f"{chunk.file_path} {' '.join(chunk.headings)}"
        )


def _graph_texts(graph: GraphSelection) -> Iterator[ComparedText]:
    """Yield the texts of what the search itself found, not of neighbours."""
    entities = [item for item in graph.entities if item.scores][:MAX_GRAPH_ITEMS]
    relations = [item for item in graph.relations if item.scores][:MAX_GRAPH_ITEMS]
    yield from (ComparedText(item.description, item.name) for item in entities)
    yield from (ComparedText(item.description) for item in relations)


def _probe_key(question: Question) -> ProbeKey:
    is_chinese = any("\u3400" <= letter <= "\u9fff" for letter in question.text)
    return question.model, is_chinese


async def _probes(question: Question) -> Sequence[str]:
    key = _probe_key(question)
    if key not in _probe_vectors:
        texts = CHINESE_PROBES if key[1] else PROBES
        embedder = configured_models.embedder(question.model)
        rows = await embedder.embed_queries(texts)
        _probe_vectors[key] = tuple(map(search_rows.vector_text, rows))
    return _probe_vectors[key]


def _compare_with_probes(
    question: Question, probes: Sequence[str]
) -> tuple[float, Sequence[float]]:
    """Return the cosines of the question and of the probes with their nearest chunks.

    Those of the probes are computed for each question only if filters apply.
    """
    key, now = (question.workspace_id, _probe_key(question)), time.monotonic()
    computed, others = _probe_cosines.get(key, (-KEEP_SECONDS, ()))
    if question.filters or not others or now - computed > KEEP_SECONDS:
        cosine, *others = _nearest_cosines(question, probes)
        if not question.filters:
            if len(_probe_cosines) >= MAX_KEPT:
                _probe_cosines.clear()
            _probe_cosines[key] = (now, others)
        return cosine, others
    (cosine,) = _nearest_cosines(question, ())
    return cosine, others


def _nearest_cosines(question: Question, probes: Sequence[str]) -> list[float]:
    """Return the cosine of the nearest allowed chunk of the question and each probe."""
    with search_transaction.begin(question) as located:
        statement = sql.SQL(NEAREST).format(
            chunks=tables.rows("chunk", located.index_id),
            dims=sql.Literal(question.dimensions),
            allowed=filters.chunk(question.filters, "s.chunk_id"),
        )
        values = {
            "vectors": [question.vectors.question, *probes],
            "workspace": question.workspace_id,
            **question.filters.values,
        }
        return [row[0] or 0.0 for row in search_transaction.fetch(statement, values)]
