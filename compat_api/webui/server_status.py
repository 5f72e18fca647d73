"""The status of the server: its models, access and database, and how to change them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from compat_api.auth import authentication
from compat_api.chat import chat_models
from retrieval.llm.limits import provider_states


@dataclass(frozen=True, slots=True)
class StatusItem:
    """One part of the configuration; `setting` are lines for `.env` that change it."""

    title: str
    state: str
    explanation: str
    ready: bool = True
    setting: str = ""


def items() -> list[StatusItem]:
    """Return all parts, the most important first."""
    return [language_model(), embedding(), reranker(), access(), stores()]


def provider_problems() -> str:
    """Return why providers are paused or reject the key; empty if there is none."""
    states = provider_states.paused()
    return " ".join(dict.fromkeys(state.wait_message for state in states))


def language_model() -> StatusItem:
    chat = settings.LIGHTRAG.query_llm
    problems = provider_problems()
    if chat_models.has_llm() and problems:
        return StatusItem(
            _("Language model"), chat.model or chat.binding, problems, ready=False
        )
    if chat_models.has_llm():
        return StatusItem(
            _("Language model"),
            chat.model or chat.binding,
            _("Extracts entities and relations, and writes answers with citations."),
        )
    return StatusItem(
        _("Language model"),
        _("not configured"),
        _(
            "Search and graph work without a model: entities are found by linguistic "
            "rules, and answers quote the best chunks. With a model, the server writes "
            "answers and describes relations."
        ),
        ready=False,
        setting="LLM_BINDING=openai\nLLM_MODEL=…\nLLM_BINDING_API_KEY=…",
    )


def embedding() -> StatusItem:
    config = settings.LIGHTRAG.embedding
    return StatusItem(
        _("Embeddings"),
        f"{config.model or config.binding} · {config.dimensions}",
        _("Convert chunks to vectors, so that the search finds similar meanings."),
    )


def reranker() -> StatusItem:
    config = settings.LIGHTRAG.rerank
    if config.binding != "null":
        return StatusItem(
            _("Reranker"), config.model, _("Sorts the search results by relevance.")
        )
    return StatusItem(
        _("Reranker"),
        _("not configured"),
        _("Optional. Improves the selection of chunks for an answer."),
        setting="RERANK_BINDING=…\nRERANK_MODEL=…\nRERANK_BINDING_API_KEY=…",
    )


def access() -> StatusItem:
    if authentication.is_configured():
        return StatusItem(
            _("Access"), _("protected"), _("Users need an API key or a login.")
        )
    return StatusItem(
        _("Access"),
        _("open"),
        _("Anyone who can reach this address can read, add and delete documents."),
        ready=False,
        setting="LIGHTRAG_API_KEY=…",
    )


def stores() -> StatusItem:
    config = settings.LIGHTRAG.stores
    external = bool(config.database_url or config.postgres_host)
    return StatusItem(
        _("Database"),
        _("your PostgreSQL") if external else _("embedded PostgreSQL"),
        _("Stores documents, vectors and the graph in the same transactions."),
    )
