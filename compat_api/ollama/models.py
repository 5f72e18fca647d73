"""`GET /api/version`, `/api/tags`, `/api/ps` and `POST /api/show` (docs/lightrag.md A.5)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from compat_api.auth.permissions import READ
from compat_api.chat import chat_models
from compat_api.ollama import lines
from compat_api.ollama.errors import BadRequest
from compat_api.ollama.schemas import NamedRequest
from retrieval.llm.registry import configured_models

router = Router(tags=["ollama"])
VERSION = "0.9.3"
"""What upstream says: clients ask for it to know what they may ask for."""
SIZE = 7365960935
DIGEST = "sha256:lightrag"
MADE = "2024-01-15T00:00:00Z"
EXPIRES = "2050-12-31T14:38:31.83753-07:00"


@router.get("/version", auth=READ, response=dict[str, Any])
def version(request: HttpRequest) -> dict[str, Any]:
    """The version of Ollama that is spoken."""
    return {"version": VERSION}


@router.get("/tags", auth=READ, response=dict[str, Any])
def tags(request: HttpRequest) -> dict[str, Any]:
    """The models: LightRAG, one a mode, and those of the configuration."""
    models = [
        named(name) | {"modified_at": MADE, "details": details("lightrag", "13B")}
        for name in chat_models.tag_names()
    ]
    return {"models": models}


@router.get("/ps", auth=READ, response=dict[str, Any])
def running(request: HttpRequest) -> dict[str, Any]:
    """The default model, which always runs."""
    name = next(iter(chat_models.tag_names()))
    told = {"details": details("llama", "7.2B"), "expires_at": EXPIRES}
    return {"models": [named(name) | told | {"size_vram": SIZE}]}


@router.post("/show", auth=READ, response=dict[str, Any])
def show(request: HttpRequest, body: NamedRequest) -> dict[str, Any]:
    """One model; `model_info` tells how it looks things up."""
    model = chat_models.find(body.model or body.name)
    return {
        "modelfile": f"FROM {body.model or body.name}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "modified_at": MADE,
        "details": details("lightrag", "13B"),
        "capabilities": capabilities(),
        "model_info": {
            "general.architecture": "lightrag",
            "lightrag.context_length": settings.LIGHTRAG.query.max_total_tokens,
            "lightrag.embedding_length": settings.LIGHTRAG.embedding.dimensions,
            "lightrag.mode": model.asked.get("mode", "mix"),
            "lightrag.workspace": model.workspace,
        },
    }


def capabilities() -> list[str]:
    """What clients look at before they offer tools."""
    model = configured_models.query_chat()
    return ["completion", *(["tools"] if model and model.calls_tools else [])]


@router.post("/pull", auth=READ, response=dict[str, Any])
def pull(request: HttpRequest, body: NamedRequest) -> HttpResponse:
    """A model that is here needs no download; raises UnknownModel for others."""
    chat_models.find(body.model or body.name)
    return HttpResponse(b'{"status":"success"}\n', content_type=lines.MEDIA_TYPE)


@router.post("/create", auth=READ, response=dict[str, Any])
@router.post("/copy", auth=READ, response=dict[str, Any])
@router.post("/push", auth=READ, response=dict[str, Any])
@router.delete("/delete", auth=READ, response=dict[str, Any])
def keep_out(request: HttpRequest) -> dict[str, Any]:
    """Raises BadRequest: what models there are is the server's configuration."""
    raise BadRequest(
        "Models are not made or removed here: name them under 'models' in config.yaml."
    )


def named(name: str) -> dict[str, Any]:
    return {"name": name, "model": name, "size": SIZE, "digest": DIGEST}


def details(family: str, parameters: str) -> dict[str, Any]:
    """Upstream's figures: clients want some."""
    return {
        "parent_model": "",
        "format": "gguf",
        "family": family,
        "families": [family],
        "parameter_size": parameters,
        "quantization_level": "Q4_0",
    }
