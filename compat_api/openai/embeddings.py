"""`POST /v1/embeddings`: the vectors of the server's own embedding model."""

from __future__ import annotations

import base64
from typing import Any

from bpe_openai import get_encoding
from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import EmbeddingsRequest
from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.query import client_embeddings

router = Router(tags=["openai"])
Texts = str | list[str] | list[int] | list[list[int]]
MOST = 2048
"""Texts of one request, as OpenAI has it."""


@router.post("/embeddings", auth=READ, response=dict[str, Any])
async def embed(request: HttpRequest, body: EmbeddingsRequest) -> dict[str, Any]:
    """One vector a text, in order."""
    check_model(body.model)
    check_dimensions(body.dimensions)
    texts = texts_of(body)
    workspace = await workspace_access.workspace_async(request)
    as_queries = body.input_type == "query"
    vectors = await client_embeddings.embed(workspace, texts, as_queries=as_queries)
    used = sum(tokens.count(text) for text in texts)
    return {
        "object": "list",
        "data": shapes(vectors, as_base64=body.encoding_format == "base64"),
        "model": body.model,
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }


def check_model(name: str) -> None:
    """The embedding model's own name, or any chat model's; raises UnknownModel."""
    if name != settings.LIGHTRAG.embedding.model:
        chat_models.find(name)


def check_dimensions(wanted: int | None) -> None:
    """Raises BadRequest: vectors are of one length, or they could not be compared."""
    ours = settings.LIGHTRAG.embedding.dimensions
    if wanted not in (None, ours):
        raise BadRequest(f"Vectors here have {ours} dimensions.", "dimensions")


def texts_of(body: EmbeddingsRequest) -> list[str]:
    """Texts, those of token numbers too; raises BadRequest for none or a blank one."""
    listed = several(body.input)
    if not 0 < len(listed) <= MOST:
        raise BadRequest(f"Between 1 and {MOST} texts can be embedded.", "input")
    texts = [one if isinstance(one, str) else decoded(one) for one in listed]
    if not all(text.strip() for text in texts):
        raise BadRequest("A blank text cannot be embedded.", "input")
    return texts


def several(given: Texts) -> list[str | list[int]]:
    """One text, or the tokens of one, is a list of one."""
    if isinstance(given, str):
        return [given]
    tokens_of_one = [one for one in given if isinstance(one, int)]
    if tokens_of_one:
        return [tokens_of_one]
    return [one for one in given if not isinstance(one, int)]


def decoded(numbers: list[int]) -> str:
    """The text of cl100k tokens, which OpenAI's clients take for any model they do not
    know; raises BadRequest."""
    try:
        return str(get_encoding("cl100k_base").decode(numbers, errors="ignore"))
    except (KeyError, IndexError, OverflowError, ValueError):
        raise BadRequest("These are no tokens of cl100k.", "input") from None


def shapes(vectors: Vectors, *, as_base64: bool) -> list[dict[str, Any]]:
    """OpenAI's objects; base64 is of little-endian float32."""
    rows = vectors.astype("<f4")
    return [
        {
            "object": "embedding",
            "index": place,
            "embedding": base64.b64encode(row.tobytes()).decode()
            if as_base64
            else row.tolist(),
        }
        for place, row in enumerate(rows)
    ]
