"""Read the settings of the models, with the overrides of each role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightrag_site.configuration import values
from lightrag_site.configuration.model_settings import (
    AWS,
    CHAT,
    CHAT_PROVIDERS,
    EMBEDDING,
    EMBEDDING_PROVIDERS,
    RERANK,
    RERANK_PROVIDERS,
    Provider,
)
from lightrag_site.configuration.sources import Sources
from lightrag_site.configuration.value_types import ValueType
from lightrag_site.errors import SettingError
from retrieval.llm.config import (
    AwsConfig,
    ChatConfig,
    EmbeddingConfig,
    RerankConfig,
    bedrock_address,
)

NEXT = "NEXT_"
"""Prefix of the settings of the next embedding model."""
LIGHTRAG_GEMINI_HOST = "DEFAULT_GEMINI_ENDPOINT"
"""LightRAG's value for Google's own address."""
LIGHTRAG_BEDROCK_HOST = "DEFAULT_BEDROCK_ENDPOINT"
"""LightRAG's value for the address of the region."""
IN_PROCESS = {"none", "local", "fake"}
UNSUPPORTED = {
    "openai-ollama": "Set LLM_BINDING=openai and EMBEDDING_BINDING=ollama",
}


def chat(sources: Sources, role: str) -> ChatConfig:
    """Return the chat model of a role (EXTRACT, KEYWORD, QUERY or VLM).

    A role with its own binding does not inherit model, host and key.
    """
    _refuse_unsupported(sources, "LLM_BINDING", f"{role}_LLM_BINDING")
    common = values.read(CHAT, sources)
    role_values = values.read(CHAT, sources, prefix=f"{role}_")
    binding = role_values.get("binding", common.get("binding", "none"))
    if binding != common.get("binding", "none"):
        for field in ("model", "host", "api_key"):
            common.pop(field, None)
    provider = CHAT_PROVIDERS[binding]
    options = _options(sources, provider) | _options(sources, provider, f"{role}_")
    fields = (
        _with_defaults(common, provider, sources) | role_values | {"binding": binding}
    )
    if binding not in IN_PROCESS:
        _require(fields, "model", "LLM_MODEL", f"the name of a model of {binding}")
    if binding == "bedrock":
        fields |= _bedrock(fields, sources, "LLM_BINDING_HOST", f"{role}_")
    elif binding not in IN_PROCESS:
        _require_host(fields, "LLM_BINDING_HOST", binding)
        _require_key(fields, provider, "LLM_BINDING_API_KEY")
    return ChatConfig(**fields, options=options)


def next_embedding(sources: Sources) -> EmbeddingConfig | None:
    """Return the next embedding model, or None if no NEXT_EMBEDDING_… is set."""
    if not sources.find(f"{NEXT}EMBEDDING_BINDING", f"{NEXT}EMBEDDING_MODEL"):
        return None
    return embedding(sources, NEXT)


def embedding(sources: Sources, prefix: str = "") -> EmbeddingConfig:
    """Return the embedding model; unknown models need EMBEDDING_DIM."""
    _refuse_unsupported(sources, f"{prefix}EMBEDDING_BINDING")
    values_set = _inherited(sources, prefix) | values.read(
        EMBEDDING, sources, prefix=prefix
    )
    for field in ("query_prefix", "document_prefix"):
        if values_set.get(field) == "NO_PREFIX":
            del values_set[field]
    binding = values_set.get("binding", "local")
    provider = EMBEDDING_PROVIDERS[binding]
    fields = _with_defaults(values_set, provider, sources) | {"binding": binding}
    if "dimensions" not in fields:
        fields["dimensions"] = _dimensions(fields["model"], provider, prefix)
    if binding == "bedrock":
        fields |= _bedrock(fields, sources, f"{prefix}EMBEDDING_BINDING_HOST")
    elif binding not in IN_PROCESS:
        _require_host(fields, f"{prefix}EMBEDDING_BINDING_HOST", binding)
        _require_key(fields, provider, f"{prefix}EMBEDDING_BINDING_API_KEY")
    return EmbeddingConfig(**fields, options=_options(sources, provider))


def _bedrock(
    fields: Mapping[str, Any],
    sources: Sources,
    host_setting: str,
    role_prefix: str = "",
) -> dict[str, Any]:
    """Return the fields of Amazon Bedrock; LightRAG's rule is that it ignores API keys.

    A role with its own access key inherits no other credentials.
    """
    common = values.read(AWS, sources)
    role_values = values.read(AWS, sources, prefix=role_prefix)
    if "access_key_id" in role_values or "secret_access_key" in role_values:
        common = {name: common[name] for name in ("region",) if name in common}
    aws = AwsConfig(**(common | role_values))
    if bool(aws.access_key_id) != bool(aws.secret_access_key):
        missing = "SECRET_ACCESS_KEY" if aws.access_key_id else "ACCESS_KEY_ID"
        prefix = (
            role_prefix
            if role_values.keys() & {"access_key_id", "secret_access_key"}
            else ""
        )
        raise SettingError(
            f"{prefix}AWS_{missing}",
            "not set, but the other part of the access key is",
            "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither",
        )
    host = fields.get("host", "")
    if host in ("", LIGHTRAG_BEDROCK_HOST):
        host = bedrock_address(aws.region) if aws.region else ""
    else:
        _require_host(fields, host_setting, "bedrock")
    return {"aws": aws, "host": host, "api_key": ""}


def _inherited(sources: Sources, prefix: str) -> dict[str, Any]:
    """Return what the next model inherits: the provider, unless it has its own binding."""
    if not prefix or sources.find(f"{prefix}EMBEDDING_BINDING"):
        return {}
    current = values.read(EMBEDDING, sources)
    inherited = ("binding", "host", "api_key")
    return {key: current[key] for key in inherited if key in current}


def rerank(sources: Sources) -> RerankConfig:
    """Return the reranker."""
    fields = values.read(RERANK, sources)
    provider = RERANK_PROVIDERS[fields.get("binding", "null")]
    return RerankConfig(**_with_defaults(fields, provider, sources))


def _with_defaults(
    fields: Mapping[str, Any], provider: Provider, sources: Sources
) -> dict[str, Any]:
    """Add the provider's own variables and defaults to the fields that are set.

    The provider's own name for the model (Azure's deployment) takes precedence.
    """
    fallbacks = {
        "host": values.first_text(sources, provider.hosts) or provider.host,
        "api_key": values.first_text(sources, provider.keys),
        "model": provider.model,
        "api_version": values.first_text(sources, provider.versions)
        or provider.version,
    }
    defaults = {field: value for field, value in fallbacks.items() if value}
    deployment = values.first_text(sources, provider.models)
    return {**defaults, **fields, **({"model": deployment} if deployment else {})}


def _options(
    sources: Sources, provider: Provider, role_prefix: str = ""
) -> dict[str, Any]:
    """Return the options of the provider that are set; they are sent unchanged."""
    options: dict[str, Any] = {}
    for option, value_type in provider.options.items():
        name = f"{role_prefix}{provider.options_prefix}{option.upper()}"
        raw = sources.find(name)
        if raw:
            options[option] = values.parse(raw, value_type)
    return options


def _dimensions(model: str, provider: Provider, prefix: str) -> int:
    name = model.split(":", 1)[0].rsplit("/", 1)[-1]
    if name not in provider.dimensions:
        raise SettingError(
            f"{prefix}EMBEDDING_DIM",
            f"not set, and the dimensions of the model '{model}' are unknown",
            "Set it to the number of dimensions of its vectors",
        )
    return provider.dimensions[name]


def _refuse_unsupported(sources: Sources, *names: str) -> None:
    for name in names:
        raw = sources.find(name)
        remedy = UNSUPPORTED.get(raw.text.lower()) if raw else None
        if raw and remedy:
            raise SettingError(name, f"{raw.text} is not supported", remedy)


def _require(fields: Mapping[str, Any], field: str, setting: str, what: str) -> None:
    if not fields.get(field):
        raise SettingError(setting, "not set", f"Set it to {what}")


def _require_host(fields: Mapping[str, Any], setting: str, binding: str) -> None:
    host = fields.get("host", "")
    if host == LIGHTRAG_GEMINI_HOST:
        return
    if not host.startswith(("http://", "https://")):
        raise SettingError(
            setting,
            f"'{host}' is not a URL" if host else "not set",
            f"Set it to the URL of {binding}, with http:// or https://",
        )


def _require_key(fields: Mapping[str, Any], provider: Provider, setting: str) -> None:
    if provider.keyed_host and fields["host"].rstrip("/") == provider.keyed_host:
        _require(fields, "api_key", setting, f"your key for {provider.keyed_host}")


def option_types() -> dict[str, ValueType]:
    """Return the type of every provider option by name (`OPENAI_LLM_TEMPERATURE`)."""
    providers = (*CHAT_PROVIDERS.values(), *EMBEDDING_PROVIDERS.values())
    return {
        f"{provider.options_prefix}{option.upper()}": value_type
        for provider in providers
        for option, value_type in provider.options.items()
    }
