"""Questions to a workspace, as the product searches and answers them without a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from documents.models import Workspace
from retrieval.context.prompt_context import Context
from retrieval.llm.base import Embedder, Message
from retrieval.query import answer, model_request
from retrieval.query_trace import QueryTrace
from retrieval.search.params import Mode, QueryParams


@dataclass(frozen=True, slots=True)
class Case:
    """A question after earlier ones, the names of the documents that it needs, its answer."""

    question: str
    earlier: tuple[str, ...] = ()
    gold: frozenset[str] = frozenset()
    answer: str = ""


def params(case: Case, mode: Mode) -> QueryParams:
    history = (Message("user", text) for text in case.earlier)
    return QueryParams(case.question, mode, conversation_history=tuple(history))


def context(workspace: Workspace, case: Case, mode: Mode) -> Context:
    """Return what the product finds for the question."""
    trace = QueryTrace(workspace.pk)
    build = async_to_sync(answer.build_context)
    with transaction.atomic():  # keeps the connection
        return build(workspace, params(case, mode), trace)


def quotations(
    workspace: Workspace, case: Case, mode: Mode, embedder: Embedder
) -> tuple[Context, str]:
    """Return the context of the question and its answer, which quotes sentences."""
    found = context(workspace, case, mode)
    quote = async_to_sync(model_request.quotations)
    return found, quote(params(case, mode), found, embedder)


def recall(found: Context, gold: frozenset[str], depth: int = 5) -> float:
    """Return the share of the gold documents among the first `depth` chunks."""
    names = {chunk.file_path for chunk in found.chunks[:depth]}
    return len(names & gold) / len(gold)


def mean_recall(
    workspace: Workspace, cases: Sequence[Case], mode: Mode, *, checked: bool = True
) -> float:
    """Return the mean recall at five in percent; `checked` is RELEVANCE_CHECK."""
    query = replace(settings.LIGHTRAG.query, relevance_check=checked)
    with override_settings(LIGHTRAG=replace(settings.LIGHTRAG, query=query)):
        return percent(
            recall(context(workspace, case, mode), case.gold) for case in cases
        )


def percent(values: Iterable[float]) -> float:
    numbers = list(values)
    return 100 * sum(numbers) / len(numbers)
