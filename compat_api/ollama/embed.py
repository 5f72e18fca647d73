"""`POST /api/embed` and its older form, `/api/embeddings`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.ollama.durations import Stopwatch
from compat_api.ollama.errors import BadRequest
from compat_api.ollama.schemas import EmbeddingsRequest, EmbedRequest
from retrieval.llm import tokens
from retrieval.query import client_embeddings

router = Router(tags=["ollama"])


@router.post("/embed", auth=READ, response=dict[str, Any])
async def embed(request: HttpRequest, body: EmbedRequest) -> dict[str, Any]:
    """One vector a text, in order."""
    watch = Stopwatch()
    check_model(body.model)
    ours = settings.LIGHTRAG.embedding.dimensions
    if body.dimensions not in (None, ours):
        raise BadRequest(f"Vectors here have {ours} dimensions.")
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors = await embedded(request, texts)
    return {
        "model": body.model,
        "embeddings": vectors,
        "total_duration": watch.total(),
        "load_duration": 0,
        "prompt_eval_count": sum(tokens.count(text) for text in texts),
    }


@router.post("/embeddings", auth=READ, response=dict[str, Any])
async def embeddings(request: HttpRequest, body: EmbeddingsRequest) -> dict[str, Any]:
    """The vector of one text; none for none."""
    check_model(body.model)
    if not body.prompt:
        return {"embedding": []}
    return {"embedding": (await embedded(request, [body.prompt]))[0]}


def check_model(name: str) -> None:
    """The embedding model's own name, or any chat model's; raises UnknownModel."""
    if name.removesuffix(":latest") != settings.LIGHTRAG.embedding.model:
        chat_models.find(name)


async def embedded(request: HttpRequest, texts: list[str]) -> list[list[float]]:
    """The vectors; raises BadRequest for a blank text."""
    if not texts:
        return []
    if not all(text.strip() for text in texts):
        raise BadRequest("A blank text cannot be embedded.")
    workspace = await workspace_access.workspace_async(request)
    rows: list[list[float]] = (await client_embeddings.embed(workspace, texts)).tolist()
    return rows
