"""`GET /v1/models` and `/v1/models/{id}`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router

from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.chat.chat_models import NamedModel

router = Router(tags=["openai"])


@router.get("/models", auth=READ, response=dict[str, Any])
def list_models(request: HttpRequest) -> dict[str, Any]:
    """List LightRAG, one model per mode, and the configured models."""
    return {
        "object": "list",
        "data": [shape(model) for model in chat_models.list_models()],
    }


@router.get("/models/{path:name}", auth=READ, response=dict[str, Any])
def get_model(request: HttpRequest, name: str) -> dict[str, Any]:
    """Return one model by its id, also the embedding model, which is not listed."""
    if name == settings.LIGHTRAG.embedding.model:
        return shape(NamedModel(name))
    return shape(chat_models.find(name)) | {"id": name}


def shape(model: NamedModel) -> dict[str, Any]:
    """Return the model in OpenAI's format."""
    return {
        "id": model.id,
        "object": "model",
        "created": chat_models.CREATED,
        "owned_by": chat_models.OWNER,
    }
