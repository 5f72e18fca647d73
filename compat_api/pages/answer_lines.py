"""An answer on its way to the chat page: steps, sources, and HTML as it grows."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext

from compat_api.pages import document, markdown
from documents.models import Workspace
from retrieval import answer, reply
from retrieval.context import Context
from retrieval.events import Delta, Event, Finished, Progress, References
from retrieval.llm.errors import LLMError
from retrieval.params import QueryParams
from retrieval.references import Reference

logger = logging.getLogger(__name__)

BETWEEN = 0.12
"""Seconds between two pictures of a growing answer: faster is not read."""
Line = dict[str, Any]


async def of(workspace: Workspace, params: QueryParams) -> AsyncGenerator[str, None]:
    """One JSON object a line; the last is `done` or `error`."""
    try:
        async with aclosing(answer.stream(workspace, params)) as events:
            async for line in pictures(events):
                yield json.dumps(line, ensure_ascii=False) + "\n"
    except LLMError as error:
        logger.warning("A model failed while the chat was answered: %s", error)
        yield json.dumps({"error": str(error)}, ensure_ascii=False) + "\n"


async def pictures(events: AsyncGenerator[Event, None]) -> AsyncGenerator[Line, None]:
    """The events as the page's script wants them."""
    text, drawn = "", 0.0
    listed: tuple[Reference, ...] = ()
    async for event in events:
        match event:
            case Progress(step):
                yield {"step": step}
            case References(listed=listed, found=found):
                yield sources(listed, found)
            case Delta(piece):
                text += piece
                if time.monotonic() - drawn > BETWEEN:
                    yield {"html": markdown.while_written(text, listed)}
                    drawn = time.monotonic()
            case Finished():
                yield done(text, listed, event)


def done(text: str, listed: tuple[Reference, ...], event: Finished) -> Line:
    """The whole answer, and how it came about."""
    nothing = text == reply.NO_CONTEXT
    shown = gettext("Nothing that has been read fits this question.")
    return {
        "done": {
            "html": markdown.finished(shown if nothing else text, listed),
            "text": "" if nothing else text,
            "seconds": round(event.seconds, 2),
            "llm_generated": event.llm_generated,
            "truncated": event.truncated,
        }
    }


def sources(listed: tuple[Reference, ...], found: Context | None) -> Line:
    """The files, and how they were found, ready to be shown."""
    return {
        "references": [reference(one) for one in listed],
        "evidence": evidence(found) if found else "",
    }


def reference(one: Reference) -> Line:
    """A file and the passages of it that were read."""
    return {
        "id": one.reference_id,
        "name": one.file_path,
        "passages": [
            {
                "url": document.of_chunk(passage.chunk_id),
                "place": place(passage.chunk_id),
                "pages": "–".join(map(str, passage.pages)),
                "heading": passage.headings[-1] if passage.headings else "",
                "text": passage.content[:300],
            }
            for passage in one.passages
        ],
    }


def place(chunk_id: str) -> int:
    """The number of a passage in its document, from 1."""
    return int(chunk_id.rpartition("-")[2]) + 1


def evidence(found: Context) -> str:
    """How it was found: the steps, and what each search brought."""
    passages = [(one, document.of_chunk(one.chunk_id)) for one in found.passages]
    values = {
        "found": found,
        "passages": passages,
        "entities": [(one, document.in_graph(one.name)) for one in found.entities],
    }
    return render_to_string("pages/evidence.html", values)
