"""The models that chat clients may choose: LightRAG, one a mode, and CHAT_MODELS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from compat_api.chat.retrieval_fields import RetrievalFields
from retrieval.search.params import Mode

NAME = "LightRAG"
OWNER = "lightrag"
CREATED = 1_705_276_800
"""2024-01-15, when LightRAG's own Ollama dialect says its model was made."""


class UnknownModel(LookupError):
    """There is no such model."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The model '{name}' does not exist: GET /v1/models lists all."
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A knowledge base to talk to. `asked` are fields of QueryParams; an empty
    workspace is the request's own."""

    id: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    workspace: str = ""
    system_prompt: str = ""


def has_llm() -> bool:
    """Return whether a language model is configured to answer questions."""
    return bool(settings.LIGHTRAG.query_llm.binding != "none")


def listed() -> list[NamedModel]:
    """All, the default first."""
    return [
        NamedModel(NAME),
        *(NamedModel(f"{NAME}:{mode}", {"mode": mode}) for mode in Mode),
        *configured(),
    ]


def configured() -> Iterator[NamedModel]:
    """Those of CHAT_MODELS; raises pydantic.ValidationError for a wrong parameter."""
    for one in settings.LIGHTRAG.server.chat_models:
        said = {**one.parameters, "mode": one.mode or None}
        yield NamedModel(
            one.id,
            RetrievalFields.model_validate(said).asked(),
            one.workspace,
            one.system_prompt,
        )


def tag_names() -> dict[str, NamedModel]:
    """By the name that Ollama's clients see, the default first."""
    server = settings.LIGHTRAG.server
    base, tag = server.simulated_model_name, server.simulated_model_tag
    own = {f"{base}:{mode}": NamedModel(base, {"mode": mode}) for mode in Mode}
    return {f"{base}:{tag}": NamedModel(base), **own} | {
        one.id: one for one in configured()
    }


def find(name: str) -> NamedModel:
    """By either dialect's name, in any case; raises UnknownModel."""
    known = {one.id.lower(): one for one in listed()}
    known |= {tag.lower(): one for tag, one in tag_names().items()}
    known |= {settings.LIGHTRAG.server.simulated_model_name.lower(): NamedModel(NAME)}
    wanted = name.strip().lower()
    for candidate in (wanted, wanted.removesuffix(":latest")):
        if candidate in known:
            return known[candidate]
    raise UnknownModel(name)
