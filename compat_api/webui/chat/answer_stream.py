"""An answer on its way to the chat page: steps, sources, and HTML as it grows."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.utils.translation import gettext

from compat_api.webui import links
from compat_api.webui.chat import evidence, markdown
from documents.models import Workspace
from retrieval.context import citations
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.db_thread import in_database
from retrieval.llm.errors import LLMError
from retrieval.query import answer, reply, token_usage
from retrieval.query.events import Delta, Event, Finished, Progress, References
from retrieval.search import sources as search_sources
from retrieval.search.params import QueryParams

logger = logging.getLogger(__name__)

BETWEEN = 0.12
"""Seconds between two pictures of a growing answer: faster is not read."""
Line = dict[str, Any]


async def of(workspace: Workspace, params: QueryParams) -> AsyncGenerator[str, None]:
    """One JSON object a line; the last is `done` or `error`."""
    try:
        async with aclosing(answer.stream(workspace, params)) as events:
            async for line in pictures(events, params):
                yield json.dumps(line, ensure_ascii=False) + "\n"
    except LLMError as error:
        logger.warning("A model failed while the chat was answered: %s", error)
        yield json.dumps({"error": str(error)}, ensure_ascii=False) + "\n"


async def pictures(
    events: AsyncGenerator[Event, None], params: QueryParams
) -> AsyncGenerator[Line, None]:
    """The events as the page's script wants them."""
    text, drawn, began = "", 0.0, time.monotonic()
    listed: tuple[Reference, ...] = ()
    async for event in events:
        match event:
            case Progress(step):
                yield {"step": step}
            case References(listed=listed, found=found):
                yield await sources(listed, found, params)
                began = time.monotonic()
            case Delta(piece):
                text += piece
                if time.monotonic() - drawn > BETWEEN:
                    yield {"html": markdown.while_written(text, listed)}
                    drawn = time.monotonic()
            case Finished():
                yield done(text, listed, event, time.monotonic() - began)


def done(
    text: str, listed: tuple[Reference, ...], event: Finished, writing: float
) -> Line:
    """The whole answer, and how it came about; `writing` in seconds."""
    nothing = text == reply.NO_CONTEXT
    shown = gettext("Nothing that has been read fits this question.")
    spent = token_usage.of_stream(event, text)
    cited = [one.passage.chunk_id for one in citations.find(text, listed)]
    return {
        "done": {
            "html": markdown.finished(shown if nothing else text, listed),
            "text": "" if nothing else text,
            "cited": list(dict.fromkeys(cited)),
            "seconds": round(event.seconds, 2),
            "writing": round(writing, 3),
            "sent": spent.prompt,
            "said": spent.completion,
            "llm_generated": event.llm_generated,
            "truncated": event.truncated,
        }
    }


async def sources(
    listed: tuple[Reference, ...], found: Context | None, params: QueryParams
) -> Line:
    """The files, and how they were found, ready to be shown. One statement."""
    line: Line = {"references": [reference(one) for one in listed]}
    if found is None:
        return line
    traced = await in_database(search_sources.add, found, params.filters)
    return line | {
        "evidence": evidence.shown(traced),
        "picture": evidence.picture(traced),
        "read": [one.chunk_id for one in traced.passages],
    }


def reference(one: Reference) -> Line:
    """A file and the passages of it that were read."""
    return {
        "id": one.reference_id,
        "name": one.file_path,
        "document": one.document_id,
        "passages": [
            {
                "url": links.of_chunk(passage.chunk_id),
                "place": links.place(passage.chunk_id),
                "pages": "–".join(map(str, passage.pages)),
                "heading": passage.headings[-1] if passage.headings else "",
                "text": passage.content[:300],
            }
            for passage in one.passages
        ],
    }
