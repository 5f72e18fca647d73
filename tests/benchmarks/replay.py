"""A stand-in chat model that repeats what a real model once extracted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from retrieval.llm.base import ChatRequest, Completion, Ending, Piece
from retrieval.llm.config import ChatConfig
from retrieval.llm.testing import stand_in
from tests.benchmarks.passage_index import PassageIndex

NO_RECORDS = '{"entities": [], "relationships": []}'


@dataclass(frozen=True, slots=True)
class ReplayChat:
    """A chat model that returns stored extractions, and answers other requests by rule."""

    index: PassageIndex
    latency: float = 0.0
    identity: str = "replay:chat"
    calls_tools: bool = False

    async def complete(self, request: ChatRequest) -> Completion:
        if self.latency:
            await asyncio.sleep(self.latency)
        text = answer(self.index, request)
        return Completion(text, request.chars // 4, len(text) // 4)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer word by word."""
        completion = await self.complete(request)
        for piece in stand_in.pieces(completion.text):
            yield piece
        yield Ending(completion.prompt_tokens, completion.completion_tokens)


def answer(index: PassageIndex, request: ChatRequest) -> str:
    """Return the extractions of the passages in the prompt, or an answer by rule."""
    if not request.json_schema or request.json_schema.name != "extraction":
        return stand_in.answer(request)
    records: dict[str, list[object]] = json.loads(NO_RECORDS)
    for passage in index.find(stand_in.question(request)):
        for kind in records:
            records[kind] += passage.extraction[kind]
    return json.dumps(records, ensure_ascii=False)


def config(index: PassageIndex) -> ChatConfig:
    """Return the configuration of a site that uses this model in its own process."""
    return ChatConfig("fake", "replay", options={"chat": ReplayChat(index)})
