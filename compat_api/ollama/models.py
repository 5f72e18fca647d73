"""`GET /api/version`, `/api/tags`, `/api/ps` and `POST /api/show`.

The responses are those of docs/lightrag.md A.5.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.ollama import chat_stream
from compat_api.ollama.errors import BadRequest
from compat_api.ollama.schemas import NamedRequest
from retrieval.llm.registry import configured_models

router = Router(tags=["ollama"])
VERSION = "0.9.3"
"""LightRAG's value. Clients choose their requests by it."""
SIZE = 7365960935
DIGEST = "sha256:lightrag"
MODIFIED_AT = "2024-01-15T00:00:00Z"
EXPIRES_AT = "2050-12-31T14:38:31.83753-07:00"


@router.get("/version", auth=READ, response=dict[str, Any])
def version(request: HttpRequest) -> dict[str, Any]:
    """Return the version of Ollama's API that is implemented."""
    return {"version": VERSION}


@router.get("/tags", auth=READ, response=dict[str, Any])
def tags(request: HttpRequest) -> dict[str, Any]:
    """List `lightrag`, a model for each query mode, and the configured models."""
    models = [
        model_fields(name)
        | {"modified_at": MODIFIED_AT, "details": details("lightrag", "13B")}
        for name in chat_models.models_by_tag()
    ]
    return {"models": models}


@router.get("/ps", auth=READ, response=dict[str, Any])
def list_running(request: HttpRequest) -> dict[str, Any]:
    """List the default model, which is always loaded."""
    name = next(iter(chat_models.models_by_tag()))
    status = {"details": details("llama", "7.2B"), "expires_at": EXPIRES_AT}
    return {"models": [model_fields(name) | status | {"size_vram": SIZE}]}


@router.post("/show", auth=READ, response=dict[str, Any])
def show(request: HttpRequest, body: NamedRequest) -> dict[str, Any]:
    """Return a model; `model_info` contains its mode and workspace."""
    model = chat_models.find(body.model or body.name)
    return {
        "modelfile": f"FROM {body.model or body.name}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "modified_at": MODIFIED_AT,
        "details": details("lightrag", "13B"),
        "capabilities": capabilities(),
        "model_info": {
            "general.architecture": "lightrag",
            "lightrag.context_length": settings.LIGHTRAG.query.max_total_tokens,
            "lightrag.embedding_length": settings.LIGHTRAG.embedding.dimensions,
            "lightrag.mode": model.fields.get("mode", "mix"),
            "lightrag.workspace": model.workspace,
        },
    }


def capabilities() -> list[str]:
    """Return what the model can do; clients check this before they send tools."""
    model = configured_models.query_chat()
    return ["completion", *(["tools"] if model and model.calls_tools else [])]


@router.post("/pull", auth=READ, response=dict[str, Any])
def pull(request: HttpRequest, body: NamedRequest) -> HttpResponse:
    """Return success for an existing model, and 404 for another."""
    chat_models.find(body.model or body.name)
    return HttpResponse(b'{"status":"success"}\n', content_type=chat_stream.MEDIA_TYPE)


@router.post("/create", auth=READ, response=dict[str, Any])
@router.post("/copy", auth=READ, response=dict[str, Any])
@router.post("/push", auth=READ, response=dict[str, Any])
@router.delete("/delete", auth=READ, response=dict[str, Any])
def refuse_change(request: HttpRequest) -> dict[str, Any]:
    """Return 400: models are defined in the server's configuration."""
    raise BadRequest(
        "Requests can't change models: define them under 'models' in config.yaml."
    )


def model_fields(name: str) -> dict[str, Any]:
    return {"name": name, "model": name, "size": SIZE, "digest": DIGEST}


def details(family: str, parameters: str) -> dict[str, Any]:
    """Return LightRAG's constant details, which some clients require."""
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": parameters,
        "quantization_level": "Q4_0",
    }
