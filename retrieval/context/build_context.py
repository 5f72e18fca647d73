"""Evidence -> context: the best passages first, as many as the budgets allow."""

from __future__ import annotations

from django.conf import settings

from retrieval.context import prompt_context, rerank, serialize
from retrieval.context.prompt_context import Context
from retrieval.llm import tokens
from retrieval.query import reply
from retrieval.query.trace import Clock
from retrieval.search.evidence import Evidence
from retrieval.search.params import QueryParams
from retrieval.search.question import Question


async def weigh(
    question: Question, params: QueryParams, evidence: Evidence, clock: Clock
) -> Context:
    """Rerank where that is wanted, then keep what fits (docs/lightrag.md B.6)."""
    with clock.step("rerank"):
        ranked = await rerank.order(
            rerank.model_for(params),
            question.text,
            evidence.passages,
            question.limits.chunk_top_k,
        )
    with clock.step("context"):
        headings = settings.LIGHTRAG.query.content_headings
        kept = prompt_context.fit(
            ranked, _room(question, params, evidence), headings=headings
        )
    clock.tokens["facts"] = evidence.facts.tokens
    clock.tokens["passages"] = sum(
        serialize.passage_tokens(passage, headings=headings) for passage in kept
    )
    return Context(
        mode=params.mode,
        keywords=question.keywords,
        entities=evidence.facts.entities,
        relations=evidence.facts.relations,
        passages=kept,
        counts=prompt_context.counts(params.mode, evidence, kept),
        timings=clock.steps,
        tokens=clock.tokens,
        left_out=tuple(ranked[len(kept) :]),
        headings=headings,
    )


def _room(question: Question, params: QueryParams, evidence: Evidence) -> int:
    """Tokens left for passages beside rules, facts and the question."""
    rules = tokens.count(reply.system_prompt("", params))
    taken = rules + evidence.facts.tokens + tokens.count(question.text)
    return question.limits.total_tokens - taken
