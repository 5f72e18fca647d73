"""Decide whether the chunks that a search found relate to the question at all.

A vector search always finds something. Two comparisons tell whether it is relevant.
Neither depends on the range of an embedding model's cosines:

- Words: which share of the question's words occurs in the first chunks.
- Meaning: whether the nearest chunk is nearer to the question than the chunks are to
  probes, everyday questions that few collections answer.

Nearly all words are enough, and so is a chunk nearer than to any probe. If most words
occur, the chunk must be nearer than to half of the probes. Measured in
docs/benchmarks/answers.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from django.conf import settings
from psycopg import sql

from retrieval.db_thread import run_in_db
from retrieval.index import lexical, search_rows, tables
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models
from retrieval.search import filters, search_transaction
from retrieval.search.evidence import Evidence, GraphSelection
from retrieval.search.question import Question
from retrieval.search.search_transaction import ModelChanged
from retrieval.search.stop_words import STOP_WORDS

logger = logging.getLogger(__name__)

CERTAIN_WORD_SHARE = 0.8
"""Share of the question's words in the chunks that is enough without a comparison of
cosines."""

MIN_WORD_SHARE = 0.6

MAX_CHARS = 20_000
"""Upper bound on the characters of the chunks whose words are compared."""

MAX_GRAPH_ITEMS = 5
"""Number of first entities and relations whose descriptions are compared."""

MIN_STEM_CHARS = 4
STEM_CUT = 3
"""Letters at the end of a word that may differ ("founded", "founder")."""

_COLLECTION_WORDS = """
answer chapter content contents database doc docs document documents file files
information main overview page pages paper papers question section summarise
summarize summary table text texts topic topics 內容 内容 文件 文檔 文档 摘要 總結 总结 資料 资料 重點
重点 主題 主题 概述
"""
COLLECTION_WORDS = frozenset(_COLLECTION_WORDS.split())
"""Words about the documents themselves, which need not occur in them."""

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

_probe_vectors: dict[tuple[str, bool], tuple[str, ...]] = {}
"""pgvector literals of the probes by embedding model and script; a cache."""


async def keep_relevant(question: Question, evidence: Evidence) -> Evidence:
    """Return the evidence, or none if it does not relate to the question.

    If the embedding model fails, the evidence is kept.
    """
    if not settings.LIGHTRAG.query.relevance_check or not evidence.chunks:
        return evidence
    share = await asyncio.to_thread(best_word_share, question, evidence)
    if share >= CERTAIN_WORD_SHARE:
        return evidence
    try:
        probes = await _probes(question)
        cosine, *others = await run_in_db(_nearest_cosines, question, probes)
    except (LLMError, ModelChanged, ValueError) as error:
        logger.warning("The relevance of the chunks is unknown: %s", error)
        return evidence
    return evidence if is_relevant(share, cosine, others) else Evidence()


def is_relevant(share: float, cosine: float, others: Sequence[float]) -> bool:
    """Decide by the share of words, and the cosine compared with those of the probes."""
    compared = median(others) if share >= MIN_WORD_SHARE else max(others)
    return cosine > compared


def best_word_share(question: Question, evidence: Evidence) -> float:
    """Return the larger share of the words of the question or of its keywords."""
    words, stems = _words_of(_texts(evidence))
    keywords = " ".join((*question.keywords.high, *question.keywords.low))
    return max(
        word_share(text, words, stems)
        for text in {question.text, keywords or question.text}
    )


def word_share(text: str, words: frozenset[str], stems: frozenset[str]) -> float:
    """Return the share of the content words of `text` among `words`; 1 without any."""
    wanted = set(lexical.segment(text).split()) - STOP_WORDS - COLLECTION_WORDS
    found = sum(word in words or _stem(word) in stems for word in wanted)
    return found / len(wanted) if wanted else 1.0


def _words_of(texts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(word for text in texts for word in lexical.segment(text).split())
    return words, frozenset(map(_stem, words))


def _stem(word: str) -> str:
    return word[: max(MIN_STEM_CHARS, len(word) - STEM_CUT)]


def _texts(evidence: Evidence) -> Iterator[str]:
    yield from _graph_texts(evidence.graph)
    chars = 0
    for chunk in evidence.chunks:
        yield f"{chunk.file_path} {' '.join(chunk.headings)} {chunk.content}"
        chars += len(chunk.content)
        if chars > MAX_CHARS:
            return


def _graph_texts(graph: GraphSelection) -> Iterator[str]:
    """Yield the texts of what the search itself found, not of neighbours."""
    entities = [item for item in graph.entities if item.scores][:MAX_GRAPH_ITEMS]
    relations = [item for item in graph.relations if item.scores][:MAX_GRAPH_ITEMS]
    yield from (f"{item.name} {item.description}" for item in entities)
    yield from (item.description for item in relations)


async def _probes(question: Question) -> Sequence[str]:
    is_chinese = any("\u3400" <= letter <= "\u9fff" for letter in question.text)
    key = (question.model, is_chinese)
    if key not in _probe_vectors:
        texts = CHINESE_PROBES if is_chinese else PROBES
        embedder = configured_models.embedder(question.model)
        rows = await embedder.embed_queries(texts)
        _probe_vectors[key] = tuple(map(search_rows.vector_text, rows))
    return _probe_vectors[key]


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
