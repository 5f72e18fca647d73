"""How the server is set up, in words: what works, and how to have more."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from compat_api.auth import authentication
from compat_api.chat import chat_models


@dataclass(frozen=True, slots=True)
class Point:
    """One part of the set-up; `setting` is what to write into `.env` to change it."""

    title: str
    state: str
    explanation: str
    ready: bool = True
    setting: str = ""


def points() -> list[Point]:
    """The whole set-up, what matters most first."""
    return [language_model(), embedding(), reranker(), access(), stores()]


def language_model() -> Point:
    chat = settings.LIGHTRAG.query_llm
    if chat_models.has_llm():
        return Point(
            _("Language model"),
            chat.model or chat.binding,
            _("Reads the documents and writes the answers, with citations."),
        )
    return Point(
        _("Language model"),
        _("none yet"),
        _(
            "Search and graph work without one: entities are found by linguistics, and "
            "answers are the best passages, quoted. With one, answers are written and "
            "relations described."
        ),
        ready=False,
        setting="LLM_BINDING=openai\nLLM_MODEL=…\nLLM_BINDING_API_KEY=…",
    )


def embedding() -> Point:
    config = settings.LIGHTRAG.embedding
    return Point(
        _("Embeddings"),
        f"{config.model or config.binding} · {config.dimensions}",
        _("Turn passages into vectors, so that meaning is found and not only words."),
    )


def reranker() -> Point:
    config = settings.LIGHTRAG.rerank
    if config.binding != "null":
        return Point(_("Reranker"), config.model, _("Sorts what was found once more."))
    return Point(
        _("Reranker"),
        _("none"),
        _("Not needed; with one, the passages of an answer are chosen better."),
        setting="RERANK_BINDING=…\nRERANK_MODEL=…\nRERANK_BINDING_API_KEY=…",
    )


def access() -> Point:
    if authentication.is_configured():
        return Point(
            _("Access"), _("closed"), _("Only with a key or a login does anyone enter.")
        )
    return Point(
        _("Access"),
        _("open"),
        _("Whoever reaches this address may read, add and delete."),
        ready=False,
        setting="LIGHTRAG_API_KEY=…",
    )


def stores() -> Point:
    config = settings.LIGHTRAG.stores
    own = bool(config.database_url or config.postgres_host)
    return Point(
        _("Database"),
        _("your PostgreSQL") if own else _("embedded PostgreSQL"),
        _("Documents, vectors and graph are in one database and change together."),
    )
