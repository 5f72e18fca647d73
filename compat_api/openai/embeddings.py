"""`POST /v1/embeddings`: the vectors of the server's embedding model."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.chat.chat_models import UnknownModel
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import EmbeddingsRequest
from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.query import client_embeddings

router = Router(tags=["openai"])
Texts = str | list[str] | list[int] | list[list[int]]
MAX_TEXTS = 2048
"""Upper bound on the texts of one request, as in OpenAI's API."""


@router.post("/embeddings", auth=READ, response=dict[str, Any])
async def embed(request: HttpRequest, body: EmbeddingsRequest) -> dict[str, Any]:
    """Return one vector per text, in order."""
    check_model(body.model)
    check_dimensions(body.dimensions)
    texts = texts_of(body)
    workspace = await callers.workspace_async(request)
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
    """Raise UnknownModel unless this is the embedding model or a chat model."""
    configured = settings.LIGHTRAG.embedding.model
    if name == configured:
        return
    try:
        chat_models.find(name)
    except UnknownModel as error:
        raise UnknownModel(name, f"The embedding model is '{configured}'.") from error


def check_dimensions(requested: int | None) -> None:
    """Raise BadRequest unless the dimensions are those of the stored vectors."""
    dimensions = settings.LIGHTRAG.embedding.dimensions
    if requested not in (None, dimensions):
        raise BadRequest(
            f"This server's vectors have {dimensions} dimensions.", "dimensions"
        )


def texts_of(body: EmbeddingsRequest) -> list[str]:
    """Return the texts, decoded from token ids; raise BadRequest if one is invalid."""
    inputs = as_list(body.input)
    if not 0 < len(inputs) <= MAX_TEXTS:
        raise BadRequest(f"Send between 1 and {MAX_TEXTS} texts.", "input")
    texts = [item if isinstance(item, str) else decoded(item) for item in inputs]
    if not all(text.strip() for text in texts):
        raise BadRequest("A blank text can't be embedded.", "input")
    return texts


def as_list(texts: Texts) -> list[str | list[int]]:
    """Return a list of texts; a single text or token list becomes a list of one."""
    if isinstance(texts, str):
        return [texts]
    token_ids = [item for item in texts if isinstance(item, int)]
    if token_ids:
        return [token_ids]
    return [item for item in texts if not isinstance(item, int)]


def decoded(token_ids: list[int]) -> str:
    """Decode ids of cl100k tokens; raise BadRequest if they are invalid.

    OpenAI's clients use this encoding for models that they do not know.
    """
    from bpe_openai import get_encoding  # it takes 60 MB

    try:
        return str(get_encoding("cl100k_base").decode(token_ids, errors="ignore"))
    except (KeyError, IndexError, OverflowError, ValueError):
        raise BadRequest(
            "The token ids are not valid in the encoding cl100k_base.", "input"
        ) from None


def shapes(vectors: Vectors, *, as_base64: bool) -> list[dict[str, Any]]:
    """Return the vectors in OpenAI's format; base64 encodes little-endian float32 values."""
    rows = vectors.astype("<f4")
    return [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(row.tobytes()).decode()
            if as_base64
            else row.tolist(),
        }
        for index, row in enumerate(rows)
    ]
