"""`POST /api/embed` and its predecessor `/api/embeddings`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from compat_api.auth import callers
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.ollama.chat_stream import AnswerTimer
from compat_api.ollama.errors import BadRequest
from compat_api.ollama.schemas import EmbeddingsRequest, EmbedRequest
from retrieval.llm import tokens
from retrieval.query import client_embeddings

router = Router(tags=["ollama"])


@router.post("/embed", auth=READ, response=dict[str, Any])
async def embed(request: HttpRequest, body: EmbedRequest) -> dict[str, Any]:
    """Return one vector per text, in order."""
    timer = AnswerTimer()
    check_model(body.model)
    dimensions = settings.LIGHTRAG.embedding.dimensions
    if body.dimensions not in (None, dimensions):
        raise BadRequest(f"This server's vectors have {dimensions} dimensions.")
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors = await embed_texts(request, texts)
    return {
        "model": body.model,
        "embeddings": vectors,
        "total_duration": timer.total(),
        "load_duration": 0,
        "prompt_eval_count": sum(tokens.count(text) for text in texts),
    }


@router.post("/embeddings", auth=READ, response=dict[str, Any])
async def embeddings(request: HttpRequest, body: EmbeddingsRequest) -> dict[str, Any]:
    """Return the vector of a text; an empty list for an empty text."""
    check_model(body.model)
    if not body.prompt:
        return {"embedding": []}
    return {"embedding": (await embed_texts(request, [body.prompt]))[0]}


def check_model(name: str) -> None:
    """Raise UnknownModel unless this is the embedding model or a chat model."""
    if name.removesuffix(":latest") != settings.LIGHTRAG.embedding.model:
        chat_models.find(name)


async def embed_texts(request: HttpRequest, texts: list[str]) -> list[list[float]]:
    """Return the vectors of the texts; raise BadRequest for a blank text."""
    if not texts:
        return []
    if not all(text.strip() for text in texts):
        raise BadRequest("A blank text can't be embedded.")
    workspace = await callers.workspace_async(request)
    rows: list[list[float]] = (await client_embeddings.embed(workspace, texts)).tolist()
    return rows
