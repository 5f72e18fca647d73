"""Answers and keywords that need not be bought again."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from documents.models import Workspace
from retrieval.llm.base import Completion
from retrieval.llm.calls import cache
from retrieval.llm.usage.models import LLMCache
from retrieval.query.model_request import Asked
from retrieval.search.params import Mode, QueryParams


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one completion is kept."""

    workspace_id: int
    key: str
    purpose: str
    mode: str
    model: str
    prompt_chars: int

    def find(self) -> Completion | None:
        """The kept completion. One query."""
        return cache.lookup(self.workspace_id, [self.key]).get(self.key)

    def keep(self, completion: Completion) -> None:
        """Keep it, unless it is cut off. One statement."""
        entry = cache.CacheEntry(
            key=self.key,
            purpose=self.purpose,
            model=self.model,
            completion=completion,
            mode=self.mode,
            prompt_chars=self.prompt_chars,
        )
        cache.store(self.workspace_id, [entry])


def for_keywords(
    workspace: Workspace, asked: Asked, params: QueryParams
) -> Slot | None:
    """Keywords depend on the question alone."""
    if not settings.LIGHTRAG.query.llm_cache:
        return None
    return _slot(workspace, asked, LLMCache.Purpose.KEYWORDS, params)


def for_answer(
    workspace: Workspace, asked: str | Asked, params: QueryParams
) -> Slot | None:
    """An answer is kept by its whole prompt and by the workspace's version.

    So no change of documents can leave an old answer behind. A conversation's answers,
    those of `bypass` (docs/lightrag.md B.11) and those with tools are not kept.
    """
    kept = settings.LIGHTRAG.query.llm_cache and params.mode is not Mode.BYPASS
    goes_on = params.history or params.following or params.tools
    if isinstance(asked, str) or not kept or goes_on:
        return None
    return _slot(workspace, asked, LLMCache.Purpose.QUERY, params)


def _slot(
    workspace: Workspace,
    asked: Asked,
    purpose: LLMCache.Purpose,
    params: QueryParams,
) -> Slot:
    """An answer's key holds what may have changed, and what it may be built from."""
    answers = purpose is LLMCache.Purpose.QUERY
    held = f" {workspace.version} {params.filters or ''}" if answers else " 0"
    return Slot(
        workspace_id=workspace.pk,
        key=cache.key(f"{asked.model.identity} {purpose}{held}", asked.request),
        purpose=purpose,
        mode=params.mode,
        model=asked.model.identity,
        prompt_chars=asked.request.chars,
    )
