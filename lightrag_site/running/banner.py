"""The summary printed when the server is ready: addresses and configuration."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from lightrag_site.configuration import databases
from lightrag_site.configuration.config_classes import LightRAGConfig
from retrieval.llm.config import ChatConfig
from retrieval.llm.text_cleaning import redact

NO_LLM = "no LLM configured: extractive answers (set LLM_BINDING to change that)"
LOG_WIDTH = 200
OPEN = (
    "[yellow]open: everyone who reaches this address can read and change everything;"
    " set LIGHTRAG_API_KEY to require a key[/]"
)
WILDCARDS = {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Details:
    """What the summary shows besides the configuration.

    `login` describes the credentials of the administrator.
    """

    parts: tuple[str, ...]
    login: str
    warnings: tuple[str, ...]
    is_protected: bool = False
    """Whether requests need authentication, as reported by the preparation process."""


def show(config: LightRAGConfig, details: Details) -> None:
    """Print the summary."""
    tree = Tree(_title(config, details.parts))
    if "web" in details.parts:
        _pages(tree.add("pages"), config, details)
    _models(tree.add("models"), config)
    _stores(tree.add("stores"), config)
    _ingestion(tree.add("documents and questions"), config)
    for warning in details.warnings:
        tree.add(f"[yellow]{escape(warning)}[/yellow]")
    terminal = Console(highlight=False)
    width = None if terminal.is_terminal else LOG_WIDTH
    Console(highlight=False, width=width).print(tree)


def _title(config: LightRAGConfig, parts: tuple[str, ...]) -> str:
    if "web" in parts:
        return f"[bold]LightRAG[/bold] is ready at [bold cyan]{address(config)}[/]"
    return f"[bold]LightRAG[/bold] runs here: {' and '.join(parts)}"


def address(config: LightRAGConfig) -> str:
    """Return the URL of the server for a browser on this machine."""
    server = config.server
    host = "localhost" if server.host in WILDCARDS else server.host
    scheme = "https" if server.ssl else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{server.port}"


def _pages(tree: Tree, config: LightRAGConfig, details: Details) -> None:
    base = address(config) + config.server.api_prefix
    tree.add(f"start here {base}/webui/")
    tree.add(f"admin      {base}/admin/  {escape(details.login)}")
    if config.server.api_docs:
        tree.add(f"API        {base}/docs")
    tree.add(f"access     {_access(config, details)}")


def _access(config: LightRAGConfig, details: Details) -> str:
    """Describe who can use the APIs."""
    credentials = [
        credential
        for credential, is_set in (
            ("LIGHTRAG_API_KEY", config.server.api_key),
            ("AUTH_ACCOUNTS", config.access.accounts),
            ("REQUIRE_LOGIN", config.access.require_login),
        )
        if is_set
    ]
    if credentials or details.is_protected:
        return f"requires authentication ({', '.join(credentials) or 'named API keys'})"
    return OPEN


def _models(tree: Tree, config: LightRAGConfig) -> None:
    roles = (
        ("extract", config.extract_llm),
        ("keywords", config.keyword_llm),
        ("answers", config.query_llm),
        *([("figures", config.vlm_llm)] if config.ingest.vlm else ()),
    )
    if config.query_llm.binding == "none":
        tree.add(f"[yellow]{NO_LLM}[/yellow]")
    for name, chat in roles:
        if chat.binding != "none":
            tree.add(f"{name:10} {escape(_chat(chat))}")
    embedding = config.embedding
    tree.add(
        f"embedding  {embedding.binding}: {escape(embedding.model)},"
        f" {embedding.dimensions} dimensions"
    )
    rerank = config.rerank
    tree.add(
        f"rerank     {rerank.binding}: {escape(rerank.model)}"
        if rerank.binding != "null"
        else "rerank     none"
    )


def _chat(chat: ChatConfig) -> str:
    options = ", ".join(f"{name}={value}" for name, value in chat.options.items())
    key = ", key set" if chat.api_key else ""
    where = f" at {redact(chat.host)}" if chat.host else ""
    return (
        f"{chat.binding}: {chat.model}{where}{key}, {chat.max_async} concurrent calls,"
        f" timeout {chat.timeout:g} s{', ' + options if options else ''}"
    )


def _stores(tree: Tree, config: LightRAGConfig) -> None:
    stores, server = config.stores, config.server
    postgres = databases.django_database(config)["HOST"] or "localhost"
    redis = urlsplit(stores.redis_url)
    tree.add(
        f"PostgreSQL {'embedded' if stores.embedded_postgres else escape(postgres)}"
    )
    tree.add(f"Redis      {escape(redis.hostname or redis.path) or 'embedded'}")
    tree.add(f"data       {escape(str(server.working_dir))}")
    tree.add(f"inputs     {escape(str(server.input_dir))}")
    tree.add(f"workspace  {escape(server.workspace)}")


def _ingestion(tree: Tree, config: LightRAGConfig) -> None:
    ingest, query = config.ingest, config.query
    tree.add(
        f"chunks     {ingest.chunk_size} tokens, {ingest.chunk_overlap} overlap,"
        f" {ingest.chunk_strategy}"
    )
    tree.add(
        f"processes  {config.server.workers} for ingestion,"
        f" {config.server.web_workers} for requests"
    )
    tree.add(
        f"queries    top_k {query.top_k}, chunk_top_k {query.chunk_top_k},"
        f" {query.max_total_tokens} tokens"
    )
