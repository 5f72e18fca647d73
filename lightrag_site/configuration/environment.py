"""Environment, `.env`, `config.ini` and YAML -> the one frozen configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lightrag_site.configuration import bindings, ignored_settings, sources, values
from lightrag_site.configuration.access_settings import ACCESS
from lightrag_site.configuration.config import (
    AccessConfig,
    IngestConfig,
    LightRAGConfig,
    ObserveConfig,
    QueryConfig,
    ServerConfig,
    StoreConfig,
)
from lightrag_site.configuration.ingest_settings import INGEST
from lightrag_site.configuration.model_settings import (
    CHAT,
    CHAT_PROVIDERS,
    EMBEDDING,
    EMBEDDING_PROVIDERS,
    RERANK,
    ROLES,
)
from lightrag_site.configuration.observability_settings import OBSERVE
from lightrag_site.configuration.query_settings import QUERY
from lightrag_site.configuration.server_settings import SERVER, STORES
from lightrag_site.errors import SettingError

UPSTREAM_S_TOKEN_SECRET = "lightrag-jwt-default-secret-key!"  # noqa: S105 - known to all
MEND = "Set it to 32 random characters or more, the same on every machine"


def known_names() -> set[str]:
    """Every name a file may set."""
    tables = (*SERVER, *STORES, *ACCESS, *OBSERVE, *INGEST, *QUERY, *EMBEDDING, *RERANK)
    names = {name for setting in tables for name in setting.names}
    names |= {bindings.NEXT + name for setting in EMBEDDING for name in setting.names}
    for prefix in ("", *(f"{role}_" for role in ROLES)):
        names |= {prefix + name for setting in CHAT for name in setting.names}
        names |= {prefix + option for option in bindings.option_kinds()}
    providers = (
        *CHAT_PROVIDERS.values(),
        *EMBEDDING_PROVIDERS.values(),
    )
    for provider in providers:
        names.update(provider.hosts, provider.keys, provider.models, provider.versions)
    return names | set(ignored_settings.SETTINGS) | {"LIGHTRAG_CONFIG"}


def find(environ: Mapping[str, str], folder: Path) -> sources.Sources:
    """All that is said to a process started in `folder`, unread."""
    return sources.read(environ, folder, known_names())


def read(environ: Mapping[str, str], folder: Path) -> LightRAGConfig:
    """The configuration of a process started in `folder`; raises SettingError."""
    found = find(environ, folder)
    config = LightRAGConfig(
        server=_absolute(ServerConfig(**values.of(SERVER, found)), folder),
        stores=StoreConfig(**values.of(STORES, found)),
        access=AccessConfig(**values.of(ACCESS, found)),
        observe=ObserveConfig(**values.of(OBSERVE, found)),
        ingest=IngestConfig(**values.of(INGEST, found)),
        query=QueryConfig(**values.of(QUERY, found)),
        extract_llm=bindings.chat(found, "EXTRACT"),
        keyword_llm=bindings.chat(found, "KEYWORD"),
        query_llm=bindings.chat(found, "QUERY"),
        embedding=bindings.embedding(found),
        next_embedding=bindings.next_embedding(found),
        rerank=bindings.rerank(found),
    )
    _check_together(config)
    return config


def _absolute(server: ServerConfig, folder: Path) -> ServerConfig:
    return replace(
        server,
        working_dir=folder / server.working_dir,
        input_dir=folder / server.input_dir,
    )


def _check_tokens(access: AccessConfig) -> None:
    """Whoever knows what signs the tokens is whomever they like."""
    if access.token_secret == UPSTREAM_S_TOKEN_SECRET:
        raise SettingError(
            "TOKEN_SECRET", "is LightRAG's default, which everybody knows", MEND
        )
    if access.accounts and not access.token_secret:
        raise SettingError("TOKEN_SECRET", "must be set where AUTH_ACCOUNTS is", MEND)


def _check_together(config: LightRAGConfig) -> None:
    """Settings that are good one by one and not together."""
    _check_tokens(config.access)
    ingest, server = config.ingest, config.server
    if ingest.chunk_overlap >= ingest.chunk_size:
        raise SettingError(
            "CHUNK_OVERLAP_SIZE",
            f"{ingest.chunk_overlap} is not less than CHUNK_SIZE, {ingest.chunk_size}",
            "Set it to less",
        )
    if server.ssl and not (server.ssl_certfile and server.ssl_keyfile):
        raise SettingError(
            "SSL", "is on without a certificate", "Set SSL_CERTFILE and SSL_KEYFILE"
        )
    for setting, path in (
        ("SSL_CERTFILE", server.ssl_certfile),
        ("SSL_KEYFILE", server.ssl_keyfile),
    ):
        if server.ssl and path and not path.is_file():
            raise SettingError(setting, f"there is no file {path}", "Name one that is")
