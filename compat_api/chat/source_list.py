"""The list of cited files at the end of an answer, for clients that show text alone.

Its form is LightRAG's. Ollama's API has no field for citations; OpenAI's has annotations,
which many clients do not show.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum
from typing import Any

from django.conf import settings

from retrieval.context import citations
from retrieval.context.references import Reference
from retrieval.query.events import Answer, Delta, Event, Finished, References
from retrieval.search.params import Mode, QueryParams

HEADING = "### References"
_LIST = re.compile(rf"(?<!\s)\s*+{HEADING}\n\n(?:- \[\d+\] [^\n]*+(?:\n|\Z))+\Z")
_OWN_LIST = re.compile(r"^[#* \t]*+(?:References|Sources|參考|参考)\b", re.MULTILINE)
"""The heading of a list that the model wrote itself, although the instructions forbid it."""
_END = 1_000
"""Characters at the end of an answer in which such a heading is searched."""


class ChatAPI(StrEnum):
    """The APIs that the setting CHAT_SOURCE_LIST distinguishes."""

    OLLAMA = "ollama"
    OPENAI = "openai"


def is_required(api: ChatAPI, params: QueryParams) -> bool:
    """Return whether the answer of this API ends with the list: never inside JSON."""
    setting = settings.LIGHTRAG.server.chat_source_list
    is_json = params.json_schema or "response_format" in params.options
    return setting in (api, "all") and params.mode is not Mode.BYPASS and not is_json


def of(text: str, references: Sequence[Reference]) -> str:
    """Return the text to add after an answer; "" if it cites nothing or has a list."""
    cited = {
        citation.reference.reference_id for citation in citations.find(text, references)
    }
    if not cited or _OWN_LIST.search(text[-_END:]):
        return ""
    lines = [
        f"- [{reference.reference_id}] {reference.file_path}"
        for reference in references
        if reference.reference_id in cited
    ]
    return f"\n\n{HEADING}\n\n" + "\n".join(lines)


def files(references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Return all files that an answer is based on, cited or not."""
    return [
        {
            "reference_id": reference.reference_id,
            "file_path": reference.file_path,
            "document_id": reference.document_id,
        }
        for reference in references
    ]


def without(text: str) -> str:
    """Return an answer without the list that this server added."""
    return _LIST.sub("", text)


def added(answer: Answer) -> Answer:
    """Return a whole answer with its list."""
    return replace(answer, text=answer.text + of(answer.text, answer.references))


async def stream(events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """Yield the events of an answer with its list as the last text."""
    references: tuple[Reference, ...] = ()
    texts: list[str] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case References(references):
                    pass
                case Delta(text):
                    texts.append(text)
                case Finished():
                    text = "".join(texts)
                    if listed := await asyncio.to_thread(of, text, references):
                        yield Delta(listed)
            yield event
