"""Flags and settings of LightRAG's that are accepted and have no meaning here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lightrag_site.configuration.sources import Sources

FLAGS = {
    "--verbose": "use --log-level DEBUG",
    "--default-ui": "there is one set of pages",
}

_STORAGE = "everything is kept in PostgreSQL"
_PROMPTS = "prompts are built in; see ENTITY_TYPES and USER_PROMPT_PREFIX"
_PARSERS = "files are read by kreuzberg"
_IMAGES = "pictures are not read"
SETTINGS = {
    "LIGHTRAG_KV_STORAGE": _STORAGE,
    "LIGHTRAG_VECTOR_STORAGE": _STORAGE,
    "LIGHTRAG_GRAPH_STORAGE": _STORAGE,
    "LIGHTRAG_DOC_STATUS_STORAGE": _STORAGE,
    "PROMPT_DIR": _PROMPTS,
    "ENTITY_TYPE_PROMPT_FILE": _PROMPTS,
    "USER_PROMPT_PREFIX_FILE": _PROMPTS,
    "LIGHTRAG_PARSER": _PARSERS,
    "MINERU_LOCAL_ENDPOINT": _PARSERS,
    "DOCLING_ENDPOINT": _PARSERS,
    "VLM_PROCESS_ENABLE": _IMAGES,
    "LOG_DIR": "logs go to standard error",
    "RERANK_ENABLE_CHUNKING": "passages are never longer than a reranker takes",
    "SOURCE_IDS_LIMIT_METHOD": "the oldest descriptions are kept, as by KEEP",
    "EMBEDDING_ASYMMETRIC": "prefixes hold where they are set",
}


def remarks(flags: Iterable[str], found: Sources) -> Iterator[str]:
    """One line for each that was given."""
    for flag in flags:
        yield f"{flag} has no effect: {FLAGS[flag]}"
    for name, reason in SETTINGS.items():
        if found.find(name):
            yield f"{name} has no effect: {reason}"
