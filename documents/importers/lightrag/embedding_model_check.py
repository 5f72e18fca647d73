"""Check that the vectors of a store were computed by the configured embedding model.

A file store does not name its model. The check embeds a few chunks and compares the
results with the stored vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from documents.importers.lightrag.store import StoredChunk, Vector
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models

SAMPLE_SIZE = 3
"""Number of chunks that are embedded for the check."""
MIN_COSINE = 0.98
"""Lower bound on the cosine of two vectors of a text by the same model.

Stored vectors are rounded to half precision. Another model gives a cosine near 0.
"""


def matches(
    vectors: Mapping[str, Vector], chunks: Sequence[StoredChunk], model: str
) -> bool:
    """Return whether the embedder labelled `model` computed the vectors of these chunks."""
    sample = [chunk for chunk in chunks if chunk.id in vectors][:SAMPLE_SIZE]
    if not sample:
        return False
    computed = event_loop.run(
        configured_models.embedder(model).embed_documents(
            [chunk.content for chunk in sample]
        )
    )
    stored = np.stack([vectors[chunk.id] for chunk in sample])
    norms = np.linalg.norm(stored, axis=1) * np.linalg.norm(computed, axis=1)
    cosines = (stored * computed).sum(axis=1) / np.maximum(norms, 1e-9)
    return bool((cosines > MIN_COSINE).all())
