"""A stand-in model that repeats what a real one once extracted, at no cost.

Binding `replay`; options: `medical` and `musique` (paths of the files that
`replay_data` reads), `latency` in seconds, `log`: a file that gets a line of JSON for
each answer, so that what several processes bought can be counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from retrieval.llm.base import ChatRequest, Completion, Piece
from retrieval.llm.config import ChatConfig
from retrieval.llm.testing import replay_data, stand_in

NOTHING = '{"entities": [], "relationships": []}'


@dataclass(frozen=True, slots=True)
class ReplayChat:
    """A chat model with a script of passages; to other requests it answers by rule."""

    index: replay_data.PassageIndex
    latency: float = 0.0
    log: str = ""
    identity: str = "replay:chat"
    calls_tools: bool = False

    async def complete(self, request: ChatRequest) -> Completion:
        if self.latency:
            await asyncio.sleep(self.latency)
        shape = request.json_schema.name if request.json_schema else ""
        text, passages = self._answer(request, shape)
        if self.log:
            _append(self.log, shape or "text", passages, request.chars)
        return Completion(text, request.chars // 4, len(text) // 4)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """The answer word by word."""
        completion = await self.complete(request)
        for piece in stand_in.pieces(completion.text):
            yield piece

    def _answer(self, request: ChatRequest, shape: str) -> tuple[str, list[str]]:
        if shape != "extraction":
            return stand_in.answer(request), []
        found = self.index.find(stand_in.question(request))
        records: dict[str, list[object]] = json.loads(NOTHING)
        for passage in found:
            for kind in records:
                records[kind] += passage.extraction[kind]
        return json.dumps(records, ensure_ascii=False), [p.name for p in found]


def _append(log: str, shape: str, passages: list[str], chars: int) -> None:
    """One write of one line: lines of several processes do not mix."""
    line = {"at": time.time(), "for": shape, "passages": passages, "chars": chars}
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, f"{json.dumps(line)}\n".encode())
    finally:
        os.close(file)


def configured_chat(config: ChatConfig) -> ReplayChat:
    """Its options are told at the top of this module."""
    options = config.options
    index = replay_data.index(options.get("medical", ""), options.get("musique", ""))
    return ReplayChat(index, options.get("latency", 0.0), options.get("log", ""))
