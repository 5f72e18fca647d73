"""`docs/configuration.md`, out of the tables that settings are read by, so that it is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from lightrag_site.configuration import (
    access_settings,
    config,
    ignored_settings,
    ingest_settings,
    model_settings,
    observability_settings,
    query_settings,
    server_settings,
)
from lightrag_site.configuration.setting import Setting
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig

HEAD = """# Configuration

Made by `manage.py write_configuration`; a test fails when it is out of date.

Every setting may stand in the environment, in `.env`, in `config.ini` or in a YAML file
named by `LIGHTRAG_CONFIG`; the first of these that names it wins, and a flag of
`lightrag-server` wins over all. Names are LightRAG's. A value that is not understood ends
the start with one line that names the setting and the mend.
"""
SECTIONS: tuple[tuple[str, str, Sequence[Setting], type], ...] = (
    ("Server", "", server_settings.SERVER, config.ServerConfig),
    (
        "Databases",
        "With none of them PostgreSQL and Valkey are started by `lightrag-server`.",
        server_settings.STORES,
        config.StoreConfig,
    ),
    ("Access", "", access_settings.ACCESS, config.AccessConfig),
    ("Observing", "", observability_settings.OBSERVE, config.ObserveConfig),
    (
        "Language model",
        "Each of them may be set for one role alone, with `EXTRACT_`, `KEYWORD_` or"
        " `QUERY_` before its name: `QUERY_LLM_MODEL`.",
        model_settings.CHAT,
        ChatConfig,
    ),
    (
        "Embeddings",
        "A workspace keeps the model it was made with. To move to another, set it with"
        " `NEXT_` before each name (`NEXT_EMBEDDING_MODEL`) and run `manage.py reembed`.",
        model_settings.EMBEDDING,
        EmbeddingConfig,
    ),
    ("Reranker", "", model_settings.RERANK, RerankConfig),
    ("Ingestion", "", ingest_settings.INGEST, config.IngestConfig),
    ("Questions", "", query_settings.QUERY, config.QueryConfig),
)


def page() -> str:
    """The whole page, Markdown."""
    parts = [HEAD]
    for title, remark, settings, kind in SECTIONS:
        parts += [f"## {title}\n", *([f"{remark}\n"] if remark else [])]
        parts.append("\n".join(table(settings, kind)) + "\n")
    parts += ["## Options of the providers\n", options()]
    return "\n".join([*parts, "## LightRAG's settings without effect\n", idle()])


def table(settings: Iterable[Setting], kind: type) -> Iterator[str]:
    known = {field.name: field for field in fields(kind)}
    yield "| Setting | Default | Takes | Meaning |"
    yield "|---|---|---|---|"
    for setting in settings:
        names = " or ".join(f"`{name}`" for name in setting.names)
        flag = f", `{setting.flag}`" if setting.flag else ""
        default = shown(known[setting.field], secret=setting.secret)
        yield (
            f"| {names}{flag} | {default} | {escaped(setting.kind.expects)}"
            f" | {escaped(setting.help)} |"
        )


def shown(field: Field[Any], *, secret: bool) -> str:
    """A field's default as one would write it; nothing for what is unset."""
    value = field.default if field.default is not MISSING else None
    if secret or value is None or value in ("", (), ("",)):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{', '.join(map(str, value))}`"
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"


def options() -> str:
    """What is sent to a provider as it is, by its environment names."""
    lines = ["They are sent as they are, where they are set.\n"]
    for binding, provider in model_settings.CHAT_PROVIDERS.items():
        names = ", ".join(
            f"`{provider.options_prefix}{option.upper()}`"
            for option in provider.options
        )
        if names:
            lines.append(f"* **{binding}**: {names}")
    return "\n".join(lines) + "\n"


def idle() -> str:
    """What LightRAG's users may have set, and why it changes nothing."""
    lines = ["They are accepted, and named at the start with the reason.\n"]
    for reason, names in ignored_settings.REASONS.items():
        listed = ", ".join(f"`{name}`" for name in names.split())
        lines.append(f"* {listed}: {reason}.")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    return text.replace("|", "\\|")
