"""The answer that the chat page shows while it is generated, as lines of JSON."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from compat_api.webui import links
from compat_api.webui.chat import evidence, markdown
from documents.models import Workspace
from retrieval.context import citations
from retrieval.context import sources as context_sources
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.db_thread import run_in_db
from retrieval.llm.errors import LLMError
from retrieval.query import answer, model_request, token_usage
from retrieval.query.events import Delta, Event, Finished, Progress, References
from retrieval.search.params import QueryParams

logger = logging.getLogger(__name__)

RENDER_INTERVAL = 0.12
"""Minimum number of seconds between two renderings of a growing answer."""
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
    text, rendered_at, started = "", 0.0, time.monotonic()
    references: tuple[Reference, ...] = ()
    async for event in events:
        match event:
            case Progress(step):
                yield {"step": step}
            case References(listed=references, context=context):
                yield await sources(references, context, params)
                started = time.monotonic()
            case Delta(delta):
                text += delta
                if time.monotonic() - rendered_at > RENDER_INTERVAL:
                    yield {"html": markdown.render_partial(text, references)}
                    rendered_at = time.monotonic()
            case Finished():
                yield done(text, references, event, time.monotonic() - started)


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
    cited = [citation.chunk.chunk_id for citation in citations.find(text, references)]
    return {
        "done": {
            "html": markdown.render_final(shown, references),
            "text": "" if is_empty else text,
            "cited_chunks": list(dict.fromkeys(cited)),
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
    """Return a document and those of its chunks that the model received."""
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
                "text": chunk.content[:QUOTE_LENGTH],
            }
            for chunk in reference.chunks
        ],
    }
