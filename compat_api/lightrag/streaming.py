"""An answer as NDJSON: one JSON object a line, as they come about (docs/lightrag.md A.3).

A provider's failure is an HTTP error as long as nothing has been sent, and a line
`{"error": …}` afterwards. So the first line is held back until the model has begun to
answer, but where the client asked to see the progress.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from compat_api.chat.query_request import QueryRequest
from compat_api.http.errors import log_unexpected
from compat_api.http.streaming import StreamedResponse, hold_until
from compat_api.lightrag import retrieved_data
from documents.models import Workspace
from retrieval.context.references import Reference
from retrieval.llm.errors import LLMError
from retrieval.query import answer
from retrieval.query.events import Delta, Event, Finished, Progress, References

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/x-ndjson"
Objects = AsyncGenerator[dict[str, Any], None]


async def respond(objects: Objects, body: QueryRequest) -> StreamedResponse:
    """Return the response; raise what fails before its first line."""
    if not body.include_progress:
        objects = await hold_until(objects, lambda item: "response" in item)
    return StreamedResponse(lines(objects), MEDIA_TYPE)


async def lines(objects: Objects) -> AsyncGenerator[str, None]:
    """Yield a line for each object; the last one names the error, if there is one."""
    async with aclosing(objects):
        try:
            async for one in objects:
                yield as_line(one)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield as_line({"error": str(error)})
        except Exception as error:  # noqa: BLE001 - the client's last line tells of it
            yield as_line({"error": log_unexpected("in the middle of a stream", error)})


def as_line(one: dict[str, Any]) -> str:
    """Compact enough, and readable in every script."""
    return json.dumps(one, ensure_ascii=False) + "\n"


def objects(workspace: Workspace, body: QueryRequest) -> Objects:
    """Pieces, or one object where the whole answer was asked for at once."""
    at_once = body.stream is False or body.only_need_context or body.only_need_prompt
    if not at_once:
        return pieces(workspace, body)
    return steps(workspace, body) if body.include_progress else whole(workspace, body)


async def whole(workspace: Workspace, body: QueryRequest) -> Objects:
    """The whole answer in one object."""
    found = await answer.ask(workspace, body.as_params())
    yield as_one(found.text, found.references, body, generated=found.llm_generated)


async def steps(workspace: Workspace, body: QueryRequest) -> Objects:
    """Each step as it begins, the whole answer in one object, its time."""
    words, listed = list[str](), tuple[Reference, ...]()
    async with aclosing(answer.stream(workspace, body.as_params())) as events:
        async for event in events:
            match event:
                case Progress(step):
                    yield {"progress": step}
                case References(found):
                    listed = found
                case Delta(text):
                    words.append(text)
                case Finished(seconds=seconds, llm_generated=generated):
                    yield as_one("".join(words), listed, body, generated=generated)
                    yield {"response_time": round(seconds, 3)}


def as_one(
    text: str, listed: tuple[Reference, ...], body: QueryRequest, *, generated: bool
) -> dict[str, Any]:
    """Upstream's object of a whole answer."""
    one = {"response": text, "llm_generated": generated}
    return one | (references(listed, body) if body.include_references else {})


async def pieces(workspace: Workspace, body: QueryRequest) -> Objects:
    """The answer's events, those the client wants to see."""
    async with aclosing(answer.stream(workspace, body.as_params())) as events:
        async for event in events:
            described = describe(event, body)
            if described:
                yield described


def describe(event: Event, body: QueryRequest) -> dict[str, Any] | None:
    """One event as upstream's object; None where the client did not ask for it."""
    match event:
        case Progress(step) if body.include_progress:
            return {"progress": step}
        case References(listed) if body.include_references:
            return references(listed, body)
        case Delta(text):
            return {"response": text}
        case Finished(seconds=seconds) if body.include_progress:
            return {"response_time": round(seconds, 3)}
    return None


def references(
    listed: tuple[Reference, ...], body: QueryRequest
) -> dict[str, list[dict[str, Any]]]:
    """The files, with their passages only where they were asked for."""
    shape = (
        retrieved_data.reference_item
        if body.include_chunk_content
        else lambda one, _: retrieved_data.reference_line(one)
    )
    return {"references": [shape(one, body) for one in listed]}
