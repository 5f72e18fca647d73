"""Cache of answers and keywords, so that the same request is not sent twice."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from documents.models import Workspace
from retrieval.llm.base import Completion
from retrieval.llm.calls import cache
from retrieval.llm.usage.models import LLMCache
from retrieval.query.model_request import ModelRequest
from retrieval.search.params import Mode, QueryParams


@dataclass(frozen=True, slots=True)
class AnswerEntry:
    """The cache entry of one completion."""

    workspace_id: int
    key: str
    purpose: str
    mode: str
    model: str
    prompt_chars: int

    def find(self) -> Completion | None:
        """Return the cached completion. One query."""
        return cache.lookup(self.workspace_id, [self.key]).get(self.key)

    def store(self, completion: Completion) -> None:
        """Store the completion unless it is truncated. One statement."""
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
    workspace: Workspace, request: ModelRequest, params: QueryParams
) -> AnswerEntry | None:
    """Return the entry of a question's keywords, which depend on the question alone."""
    if not settings.LIGHTRAG.query.llm_cache:
        return None
    return _entry(workspace, request, LLMCache.Purpose.KEYWORDS, params)


def for_answer(
    workspace: Workspace, request: str | ModelRequest, params: QueryParams
) -> AnswerEntry | None:
    """Return the cache entry of an answer; None if the answer is not cached.

    The key contains the whole prompt and the workspace's version, so that a change of
    documents invalidates the answer. Answers in a conversation, of mode bypass
    (docs/lightrag.md B.11) and with tools are not cached.
    """
    enabled = settings.LIGHTRAG.query.llm_cache and params.mode is not Mode.BYPASS
    in_conversation = params.history or params.tool_messages or params.tools
    if isinstance(request, str) or not enabled or in_conversation:
        return None
    return _entry(workspace, request, LLMCache.Purpose.QUERY, params)


def _entry(
    workspace: Workspace,
    request: ModelRequest,
    purpose: LLMCache.Purpose,
    params: QueryParams,
) -> AnswerEntry:
    is_answer = purpose is LLMCache.Purpose.QUERY
    scope = f" {workspace.version} {params.filters or ''}" if is_answer else " 0"
    identity = request.model.identity
    return AnswerEntry(
        workspace_id=workspace.pk,
        key=cache.key(f"{identity} {purpose}{scope}", request.request),
        purpose=purpose,
        mode=params.mode,
        model=identity,
        prompt_chars=request.request.chars,
    )
