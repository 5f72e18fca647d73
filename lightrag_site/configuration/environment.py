"""Read the configuration from the environment, `.env`, `config.ini` and YAML."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from documents.files import parser_hints
from documents.files.parser_hints import InvalidDirectives
from documents.parse_process.services.config import DoclingConfig, MineruConfig
from lightrag_site.configuration import (
    bindings,
    ignored_settings,
    prompt_files,
    sources,
    values,
)
from lightrag_site.configuration.access_settings import ACCESS
from lightrag_site.configuration.config_classes import (
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
    AWS,
    CHAT,
    CHAT_PROVIDERS,
    EMBEDDING,
    EMBEDDING_PROVIDERS,
    RERANK,
    ROLES,
)
from lightrag_site.configuration.observability_settings import OBSERVE
from lightrag_site.configuration.parser_settings import DOCLING, MINERU
from lightrag_site.configuration.query_settings import QUERY
from lightrag_site.configuration.server_settings import SERVER, STORES
from lightrag_site.errors import SettingError
from retrieval.llm import text_cleaning
from retrieval.llm.config import ChatConfig, EmbeddingConfig

LIGHTRAG_DEFAULT_TOKEN_SECRET = "lightrag-jwt-default-secret-key!"  # noqa: S105 - public
SIGNING_REMEDY = "Set it to 32 random characters or more, the same on every machine"


LISTEN_FD = "LIGHTRAG_LISTEN_FD"
"""Variable with the descriptor of the listening socket, set for web processes."""
START_GATE = "LIGHTRAG_START_GATE"
"""Variable with the descriptor of the start gate, set for web processes."""
SUPERVISED_WORKER = "LIGHTRAG_SUPERVISED_WORKER"
"""Variable set for web processes whose supervisor runs a worker as well."""
MODEL_RELAY = "LIGHTRAG_MODEL_RELAY"
"""Variable with the path of the relay's socket, set for workers."""
PARSE_SERVER = "LIGHTRAG_PARSE_SERVER"
"""Variable with the path of the socket of the parsers' fork server, set for workers."""


def known_names() -> set[str]:
    """Return the names of all settings that a file may contain."""
    tables = (
        *(*SERVER, *STORES, *ACCESS, *OBSERVE, *INGEST, *QUERY, *EMBEDDING, *RERANK),
        *(*DOCLING, *MINERU),
    )
    names = {name for setting in tables for name in setting.names}
    names |= {bindings.NEXT + name for setting in EMBEDDING for name in setting.names}
    for prefix in ("", *(f"{role}_" for role in ROLES)):
        names |= {prefix + name for setting in (*CHAT, *AWS) for name in setting.names}
        names |= {prefix + option for option in bindings.option_types()}
    providers = (
        *CHAT_PROVIDERS.values(),
        *EMBEDDING_PROVIDERS.values(),
    )
    for provider in providers:
        names.update(provider.hosts, provider.keys, provider.models, provider.versions)
    return names | set(ignored_settings.SETTINGS) | {"LIGHTRAG_CONFIG"}


def load_sources(environ: Mapping[str, str], folder: Path) -> sources.Sources:
    """Return the unparsed settings of a process started in `folder`."""
    return sources.read(environ, folder, known_names())


def read(environ: Mapping[str, str], folder: Path) -> LightRAGConfig:
    """Return the configuration of a process started in `folder`.

    Raises:
        SettingError: a setting is invalid.
    """
    loaded = load_sources(environ, folder)
    config = LightRAGConfig(
        server=_absolute(ServerConfig(**values.read(SERVER, loaded)), folder),
        stores=StoreConfig(**values.read(STORES, loaded)),
        access=AccessConfig(**values.read(ACCESS, loaded)),
        observe=ObserveConfig(**values.read(OBSERVE, loaded)),
        ingest=IngestConfig(**values.read(INGEST, loaded)),
        query=QueryConfig(**values.read(QUERY, loaded)),
        extract_llm=bindings.chat(loaded, "EXTRACT"),
        keyword_llm=bindings.chat(loaded, "KEYWORD"),
        query_llm=bindings.chat(loaded, "QUERY"),
        vlm_llm=bindings.chat(loaded, "VLM"),
        embedding=bindings.embedding(loaded),
        next_embedding=bindings.next_embedding(loaded),
        rerank=bindings.rerank(loaded),
        docling=DoclingConfig(**values.read(DOCLING, loaded)),
        mineru=MineruConfig(**values.read(MINERU, loaded)),
    )
    _check_together(config)
    text_cleaning.set_secrets(_secrets(config))
    return prompt_files.read(config)


def _secrets(config: LightRAGConfig) -> Iterator[str]:
    """Yield all keys and passwords, including those in the URLs of the databases."""
    server, stores, access = config.server, config.stores, config.access
    models: list[ChatConfig | EmbeddingConfig] = [
        *(config.extract_llm, config.keyword_llm, config.query_llm, config.vlm_llm),
        *filter(None, (config.embedding, config.next_embedding)),
    ]
    yield from (server.api_key, stores.postgres_password, access.secret_key)
    yield from (access.admin_password, access.token_secret)
    yield from (account.password for account in access.accounts)
    yield from (config.rerank.api_key, *_in_url(config.rerank.host))
    for model in models:
        yield from (model.api_key, *_in_url(model.host))
    for aws in (model.aws for model in models):
        yield from (aws.access_key_id, aws.secret_access_key)
        yield from (aws.session_token, aws.bearer_token)
    for url in (stores.database_url, stores.redis_url):
        with suppress(ValueError):
            yield urlsplit(url).password or ""


def _in_url(url: str) -> Iterator[str]:
    """Yield the password in a URL, and the form in which HTTP sends it."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.password:
            credentials = f"{unquote(parts.username or '')}:{unquote(parts.password)}"
            yield unquote(parts.password)
            yield base64.b64encode(credentials.encode()).decode()


def _absolute(server: ServerConfig, folder: Path) -> ServerConfig:
    return replace(
        server,
        working_dir=folder / server.working_dir,
        input_dir=folder / server.input_dir,
        prompt_dir=folder / server.prompt_dir.expanduser(),
    )


def _check_tokens(access: AccessConfig) -> None:
    """Check the signing key: anyone who knows it can impersonate any user."""
    if access.token_secret == LIGHTRAG_DEFAULT_TOKEN_SECRET:
        raise SettingError(
            "TOKEN_SECRET", "it is LightRAG's public default", SIGNING_REMEDY
        )
    if access.accounts and not access.token_secret:
        raise SettingError(
            "TOKEN_SECRET", "not set, but AUTH_ACCOUNTS needs it", SIGNING_REMEDY
        )


def _check_parsers(config: LightRAGConfig) -> None:
    """Check LIGHTRAG_PARSER, and the URLs of the services that it selects."""
    for service in config.parser_services.values():
        if service.endpoint and not service.endpoint.startswith(
            ("http://", "https://")
        ):
            raise SettingError(
                service.setting,
                f"'{service.endpoint}' is not a URL",
                "Set it to the URL of the service, with http:// or https://",
            )
    try:
        rules = parser_hints.rules(config.ingest.parser_rules)
    except InvalidDirectives as error:
        raise SettingError(
            "LIGHTRAG_PARSER", str(error), "Correct the rule or remove it"
        ) from error
    for rule in rules:
        selected = config.parser_services.get(rule.directives.engine)
        if selected and not selected.endpoint:
            raise SettingError(
                selected.setting,
                f"not set, but LIGHTRAG_PARSER uses {rule.directives.engine}",
                "Set it to the URL of the service, or change LIGHTRAG_PARSER",
            )


def _check_together(config: LightRAGConfig) -> None:
    """Check combinations of settings."""
    _check_tokens(config.access)
    _check_parsers(config)
    ingest, server = config.ingest, config.server
    if ingest.vlm and config.vlm_llm.binding == "none":
        raise SettingError(
            "VLM_LLM_BINDING",
            "not set, but VLM_PROCESS_ENABLE needs a model that accepts images",
            "Set it and VLM_LLM_MODEL, or set VLM_PROCESS_ENABLE to false",
        )
    if ingest.vlm and config.vlm_llm.binding == "lollms":
        raise SettingError(
            "VLM_LLM_BINDING",
            "lollms does not accept images",
            "Set it to another provider, or set VLM_PROCESS_ENABLE to false",
        )
    if ingest.chunk_overlap >= ingest.chunk_size:
        raise SettingError(
            "CHUNK_OVERLAP_SIZE",
            f"{ingest.chunk_overlap} is not less than CHUNK_SIZE, {ingest.chunk_size}",
            "Set it to a smaller number",
        )
    if server.ssl and not (server.ssl_certfile and server.ssl_keyfile):
        raise SettingError(
            "SSL", "on, but no certificate is set", "Set SSL_CERTFILE and SSL_KEYFILE"
        )
    for setting, path in (
        ("SSL_CERTFILE", server.ssl_certfile),
        ("SSL_KEYFILE", server.ssl_keyfile),
    ):
        if server.ssl and path and not path.is_file():
            raise SettingError(
                setting, f"file not found: {path}", "Set it to an existing file"
            )
