"""The models that chat clients can choose: LightRAG, one per mode, and CHAT_MODELS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from compat_api.chat.query_request import RetrievalFields
from retrieval.search.params import Mode

NAME = "LightRAG"
OWNER = "lightrag"
CREATED = 1_705_276_800
"""2024-01-15, the creation time of the model in LightRAG's Ollama API."""


class UnknownModel(LookupError):
    """No model has this name."""

    def __init__(self, name: str, advice: str = "GET /v1/models lists all.") -> None:
        super().__init__(f"The model '{name}' does not exist. {advice}")
        self.name = name


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model that answers from a workspace.

    `fields` are fields of QueryParams. An empty workspace means that of the request.
    """

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    workspace: str = ""
    system_prompt: str = ""


def has_llm() -> bool:
    """Return whether a language model is configured to answer questions."""
    return bool(settings.LIGHTRAG.query_llm.binding != "none")


def list_models() -> list[NamedModel]:
    """Return all models, the default first."""
    return [
        NamedModel(NAME),
        *(NamedModel(f"{NAME}:{mode}", {"mode": mode}) for mode in Mode),
        *configured(),
    ]


def configured() -> Iterator[NamedModel]:
    """Yield the models of CHAT_MODELS; raise ValidationError for a wrong field."""
    for model in settings.LIGHTRAG.server.chat_models:
        values = {**model.parameters, "mode": model.mode or None}
        yield NamedModel(
            model.id,
            RetrievalFields.model_validate(values).given_fields(),
            model.workspace,
            model.system_prompt,
        )


def models_by_tag() -> dict[str, NamedModel]:
    """Return the models by the name that Ollama's clients see, the default first."""
    server = settings.LIGHTRAG.server
    base, tag = server.simulated_model_name, server.simulated_model_tag
    by_mode = {f"{base}:{mode}": NamedModel(base, {"mode": mode}) for mode in Mode}
    return {f"{base}:{tag}": NamedModel(base), **by_mode} | {
        model.id: model for model in configured()
    }


def find(name: str) -> NamedModel:
    """Return the model of that name in any dialect and case; raise UnknownModel."""
    models = {settings.LIGHTRAG.server.simulated_model_name.lower(): NamedModel(NAME)}
    models |= {tag.lower(): model for tag, model in models_by_tag().items()}
    models |= {model.id.lower(): model for model in list_models()}
    lower_name = name.strip().lower()
    for candidate in (lower_name, lower_name.removesuffix(":latest")):
        if candidate in models:
            return models[candidate]
    raise UnknownModel(name)
