"""The answer that the chat page shows while it is generated, as lines of JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from compat_api.webui import links
from compat_api.webui.chat import evidence, markdown
from documents.models import Workspace
from retrieval.context import citations, quotes
from retrieval.context import graph_sources as context_sources
from retrieval.context.citations import Citation
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.db_thread import run_in_db
from retrieval.llm.errors import LLMError
from retrieval.query import answer, model_request, token_usage
from retrieval.query.events import (
    Delta,
    Event,
    Finished,
    Progress,
    ReasoningDelta,
    References,
)
from retrieval.search.params import QueryParams

logger = logging.getLogger(__name__)

RENDER_INTERVAL = 0.12
"""Minimum number of seconds between two renderings of a growing answer."""
RENDER_SHARE = 10
"""Rendering takes a tenth of the time at most: a long answer is rendered less often."""
QUOTE_LENGTH = 300
"""Upper bound on characters of a chunk that are sent with its link."""
Line = dict[str, Any]


async def json_lines(
    workspace: Workspace, params: QueryParams
) -> AsyncGenerator[str, None]:
    """Yield one JSON object per line. The last one has the key `done` or `error`."""
    try:
        async with aclosing(answer.stream(workspace, params)) as events:
            async for line in lines(events, params):
                yield json.dumps(line, ensure_ascii=False) + "\n"
    except LLMError as error:
        logger.warning("A model failed during a chat answer: %s", error)
        yield json.dumps({"error": str(error)}, ensure_ascii=False) + "\n"


async def lines(
    events: AsyncGenerator[Event, None], params: QueryParams
) -> AsyncGenerator[Line, None]:
    """Convert the events of the answer to objects for the page's script."""
    growing = GrowingAnswer()
    async for event in events:
        match event:
            case Progress(step):
                yield {"step": step}
            case References(listed=references, context=context):
                growing.begin(references)
                yield await sources(references, context, params)
            case ReasoningDelta() | Delta():
                for line in await asyncio.to_thread(list, growing.add(event)):
                    yield line
            case Finished():
                for line in await asyncio.to_thread(list, growing.end(event)):
                    yield line


class GrowingAnswer:
    """The text of an answer so far; it is rendered at most each RENDER_INTERVAL."""

    def __init__(self) -> None:
        self._text = ""
        self._reasoning = ""
        self._references: tuple[Reference, ...] = ()
        self._started = time.monotonic()
        self._render_at = 0.0

    def begin(self, references: tuple[Reference, ...]) -> None:
        """Set the references, and the time at which the model begins to answer."""
        self._references = references
        self._started = time.monotonic()

    def add(self, event: ReasoningDelta | Delta) -> Iterator[Line]:
        """Yield the line that shows the new text, unless one was yielded just now."""
        if isinstance(event, ReasoningDelta):
            self._reasoning += event.text
        else:
            self._text += event.text
        begun = time.monotonic()
        if begun < self._render_at:
            return
        if isinstance(event, ReasoningDelta):
            yield {"reasoning": self._reasoning}
        else:
            yield {"html": markdown.render_partial(self._text, self._references)}
        seconds = time.monotonic() - begun
        self._render_at = begun + max(RENDER_INTERVAL, RENDER_SHARE * seconds)

    def end(self, event: Finished) -> Iterator[Line]:
        """Yield the reasoning and the whole answer."""
        if self._reasoning:
            yield {"reasoning": self._reasoning}
        seconds = time.monotonic() - self._started
        yield done(self._text, self._references, event, seconds)


def done(
    text: str,
    references: tuple[Reference, ...],
    event: Finished,
    generation_seconds: float,
) -> Line:
    """Return the complete answer with its timings and tokens."""
    is_empty = text == model_request.NO_CONTEXT
    shown = gettext("Nothing relevant found in your documents.") if is_empty else text
    tokens = token_usage.of_stream(event, text)
    answer_citations = citations.find(text, references)
    cited = [citation.chunk.chunk_id for citation in answer_citations]
    return {
        "done": {
            "html": markdown.render_final(shown, references, event.verdicts),
            "text": "" if is_empty else text,
            "cited_chunks": list(dict.fromkeys(cited)),
            "citations": cited_sentences(answer_citations),
            "seconds": round(event.seconds, 2),
            "generation_seconds": round(generation_seconds, 3),
            "prompt_tokens": tokens.prompt,
            "completion_tokens": tokens.completion,
            "cost": settings.LIGHTRAG.query.cost(tokens.prompt, tokens.completion),
            "currency": settings.LIGHTRAG.query.currency,
            "llm_generated": event.llm_generated,
            "truncated": event.truncated,
        }
    }


def cited_sentences(answer_citations: Sequence[Citation]) -> list[Line]:
    """Return the distinct quotations of the citations, with their links."""
    lines = {
        (item.reference.reference_id, item.quote): {
            "id": item.reference.reference_id,
            "url": links.to_chunk(item.chunk.chunk_id, item.quote),
            "quote": quotes.truncate(item.quote, QUOTE_LENGTH),
            "pages": "–".join(map(str, item.chunk.pages)),
        }
        for item in answer_citations
    }
    return list(lines.values())


async def sources(
    references: tuple[Reference, ...], context: Context | None, params: QueryParams
) -> Line:
    """Return the references, and how their chunks were found. Runs one query."""
    line: Line = {"references": [reference_values(item) for item in references]}
    if context is None:
        return line
    traced = await run_in_db(context_sources.add, context, params.filters)
    return line | {
        "evidence": evidence.render(traced),
        "evidence_graph": evidence.graph(traced),
        "chunk_ids": [chunk.chunk_id for chunk in traced.chunks],
    }


def reference_values(reference: Reference) -> Line:
    """Return a document, its chunks that the model received, and their figures."""
    return {
        "id": reference.reference_id,
        "name": reference.file_path,
        "document_id": reference.document_id,
        "chunks": [
            {
                "url": links.to_chunk(chunk.chunk_id),
                "number": links.chunk_number(chunk.chunk_id),
                "pages": "–".join(map(str, chunk.pages)),
                "heading": chunk.headings[-1] if chunk.headings else "",
                "text": quotes.truncate(chunk.content, QUOTE_LENGTH),
            }
            for chunk in reference.chunks
        ],
        "figures": [
            {
                "url": links.to_figure(reference.document_id, figure.number),
                "number": figure.number,
                "caption": figure.caption or figure.description,
            }
            for figure in reference.figures
        ],
    }
