"""Whether a store's vectors were made by the model that is configured now.

A file store does not name its model, so that is found out: a few chunks are embedded
and compared with what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from documents.importers.lightrag.store import StoredChunk, Vector
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models

SAMPLE = 3
ALIKE = 0.98
"""Cosine of a text's two vectors by one model, one of them rounded to half floats.
Other models of the same length give about 0."""


def made(
    vectors: Mapping[str, Vector], chunks: Sequence[StoredChunk], model: str
) -> bool:
    """Whether the vectors of these chunks are those of the embedder labelled `model`."""
    sample = [chunk for chunk in chunks if chunk.id in vectors][:SAMPLE]
    if not sample:
        return False
    fresh = event_loop.run(
        configured_models.embedder(model).embed_documents(
            [chunk.content for chunk in sample]
        )
    )
    stored = np.stack([vectors[chunk.id] for chunk in sample])
    lengths = np.linalg.norm(stored, axis=1) * np.linalg.norm(fresh, axis=1)
    cosines = (stored * fresh).sum(axis=1) / np.maximum(lengths, 1e-9)
    return bool((cosines > ALIKE).all())
