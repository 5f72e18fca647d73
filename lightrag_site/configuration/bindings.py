"""The models' settings: what is said of them, what a role overrides, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightrag_site.configuration import values
from lightrag_site.configuration.model_settings import (
    CHAT,
    CHAT_PROVIDERS,
    EMBEDDING,
    EMBEDDING_PROVIDERS,
    RERANK,
    RERANK_PROVIDERS,
    Provider,
)
from lightrag_site.configuration.sources import Sources
from lightrag_site.configuration.value_types import Kind
from lightrag_site.errors import SettingError
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig

NEXT = "NEXT_"
"""Before a setting of the embedding model: of the one to come."""
IN_PROCESS = {"none", "local", "fake"}
UNSUPPORTED = {
    "lollms": "Use its OpenAI-compatible address with openai",
    "gemini": "Use its OpenAI-compatible address with openai",
    "bedrock": "Use its OpenAI-compatible gateway with openai",
    "aws_bedrock": "Use its OpenAI-compatible gateway with openai",
    "voyageai": "Use an OpenAI-compatible gateway with openai",
    "openai-ollama": "Set LLM_BINDING=openai and EMBEDDING_BINDING=ollama",
}


def chat(sources: Sources, role: str) -> ChatConfig:
    """The chat model of a role (EXTRACT, KEYWORD or QUERY).

    A role that has a binding of its own takes over neither model, host nor key.
    """
    _refuse_unsupported(sources, "LLM_BINDING", f"{role}_LLM_BINDING")
    said = values.of(CHAT, sources)
    own = values.of(CHAT, sources, prefix=f"{role}_")
    binding = own.get("binding", said.get("binding", "none"))
    if binding != said.get("binding", "none"):
        for field in ("model", "host", "api_key"):
            said.pop(field, None)
    provider = CHAT_PROVIDERS[binding]
    options = _options(sources, provider) | _options(sources, provider, f"{role}_")
    known = _completed(said, provider, sources) | own | {"binding": binding}
    if binding not in IN_PROCESS:
        _need(known, "model", "LLM_MODEL", f"the model that {binding} shall use")
        _need_host(known, "LLM_BINDING_HOST", binding)
        _need_key(known, provider, "LLM_BINDING_API_KEY")
    return ChatConfig(**known, options=options)


def next_embedding(sources: Sources) -> EmbeddingConfig | None:
    """The embedding model to come; None unless NEXT_EMBEDDING_BINDING or _MODEL is set."""
    if not sources.find(f"{NEXT}EMBEDDING_BINDING", f"{NEXT}EMBEDDING_MODEL"):
        return None
    return embedding(sources, NEXT)


def embedding(sources: Sources, prefix: str = "") -> EmbeddingConfig:
    """The embedding model. A model nobody knows needs EMBEDDING_DIM."""
    _refuse_unsupported(sources, f"{prefix}EMBEDDING_BINDING")
    said = _inherited(sources, prefix) | values.of(EMBEDDING, sources, prefix=prefix)
    for field in ("query_prefix", "document_prefix"):
        if said.get(field) == "NO_PREFIX":
            del said[field]
    binding = said.get("binding", "local")
    provider = EMBEDDING_PROVIDERS[binding]
    known = _completed(said, provider, sources) | {"binding": binding}
    if "dimensions" not in known:
        known["dimensions"] = _dimensions(known["model"], provider, prefix)
    if binding not in IN_PROCESS:
        _need_host(known, f"{prefix}EMBEDDING_BINDING_HOST", binding)
        _need_key(known, provider, f"{prefix}EMBEDDING_BINDING_API_KEY")
    return EmbeddingConfig(**known, options=_options(sources, provider))


def _inherited(sources: Sources, prefix: str) -> dict[str, Any]:
    """The model to come is reached as today's is, unless it has a binding of its own."""
    if not prefix or sources.find(f"{prefix}EMBEDDING_BINDING"):
        return {}
    said = values.of(EMBEDDING, sources)
    return {key: said[key] for key in ("binding", "host", "api_key") if key in said}


def rerank(sources: Sources) -> RerankConfig:
    """The reranker."""
    said = values.of(RERANK, sources)
    provider = RERANK_PROVIDERS[said.get("binding", "null")]
    return RerankConfig(**_completed(said, provider, sources))


def _completed(
    said: Mapping[str, Any], provider: Provider, sources: Sources
) -> dict[str, Any]:
    """What was said, and the provider's own variables and defaults for the rest.

    A model that the provider names its own way (Azure's deployment) wins.
    """
    fallbacks = {
        "host": values.text(sources, provider.hosts) or provider.host,
        "api_key": values.text(sources, provider.keys),
        "model": provider.model,
        "api_version": values.text(sources, provider.versions) or provider.version,
    }
    kept = {field: value for field, value in fallbacks.items() if value}
    deployment = values.text(sources, provider.models)
    return {**kept, **said, **({"model": deployment} if deployment else {})}


def _options(
    sources: Sources, provider: Provider, role_prefix: str = ""
) -> dict[str, Any]:
    """The provider's own options, as far as they are set: they are sent as they are."""
    options: dict[str, Any] = {}
    for option, kind in provider.options.items():
        name = f"{role_prefix}{provider.options_prefix}{option.upper()}"
        found = sources.find(name)
        if found:
            options[option] = values.parsed(found, kind)
    return options


def _dimensions(model: str, provider: Provider, prefix: str) -> int:
    bare = model.split(":", 1)[0].rsplit("/", 1)[-1]
    if bare not in provider.dimensions:
        raise SettingError(
            f"{prefix}EMBEDDING_DIM",
            f"it is not set and nothing is known of the model '{model}'",
            "Set it to the length of that model's vectors",
        )
    return provider.dimensions[bare]


def _refuse_unsupported(sources: Sources, *names: str) -> None:
    for name in names:
        found = sources.find(name)
        mend = UNSUPPORTED.get(found.text.lower()) if found else None
        if found and mend:
            raise SettingError(name, f"{found.text} is not built in", mend)


def _need(known: Mapping[str, Any], field: str, setting: str, what: str) -> None:
    if not known.get(field):
        raise SettingError(setting, "it is not set", f"Set it to {what}")


def _need_host(known: Mapping[str, Any], setting: str, binding: str) -> None:
    host = known.get("host", "")
    if not host.startswith(("http://", "https://")):
        raise SettingError(
            setting,
            f"'{host}' is not an address" if host else "it is not set",
            f"Set it to where {binding} answers, with http:// or https://",
        )


def _need_key(known: Mapping[str, Any], provider: Provider, setting: str) -> None:
    if provider.keyed_host and known["host"].rstrip("/") == provider.keyed_host:
        _need(known, "api_key", setting, f"your key for {provider.keyed_host}")


def option_kinds() -> dict[str, Kind]:
    """Every provider option by its environment name: `OPENAI_LLM_TEMPERATURE`, …"""
    providers = (*CHAT_PROVIDERS.values(), *EMBEDDING_PROVIDERS.values())
    return {
        f"{provider.options_prefix}{option.upper()}": kind
        for provider in providers
        for option, kind in provider.options.items()
    }
