"""Answers that continue when the reader leaves the page.

A task of its own generates and stores the answer. The response follows the task; if the
response ends, the task goes on. Progress is stored every second, which is also the
heartbeat by which readers see that the process still runs.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from compat_api.conversations import store
from compat_api.models import Answer
from retrieval.db_thread import run_in_db

SAVE_INTERVAL = 1.0
"""Seconds between two updates of a running answer."""
MAX_UNREAD_LINES = 256
"""Lines that wait for a slow reader. At more, the response ends; the page then polls."""
NOT_STORED = frozenset({"step", "evidence", "evidence_graph", "references"})
"""Keys that are not part of a stored answer, or are stored apart (`AnswerSource`)."""

logger = logging.getLogger(__name__)
_tasks: set[asyncio.Task[None]] = set()
"""The event loop keeps only weak references to tasks."""


@dataclass(slots=True)
class RunningAnswer:
    """The lines of one answer, merged, and the queue of the response that follows it."""

    key: UUID
    result: dict[str, Any] = field(default_factory=dict)
    references: list[dict[str, Any]] = field(default_factory=list)
    unread: asyncio.Queue[str | None] = field(
        default_factory=lambda: asyncio.Queue(MAX_UNREAD_LINES + 1)
    )
    is_followed: bool = True

    def add(self, text: str) -> None:
        """Merge a line, and pass it to the response."""
        line = json.loads(text)
        self.references = line.get("references", self.references)
        if "done" in line:
            self.result.pop("html", None)
        self.result |= {key: line[key] for key in line.keys() - NOT_STORED}
        if self.is_followed and self.unread.qsize() < MAX_UNREAD_LINES:
            self.unread.put_nowait(text)
        else:
            self.end_response()

    def end_response(self) -> None:
        """End the response, whether or not the answer is complete."""
        if self.is_followed:
            self.is_followed = False
            self.unread.put_nowait(None)


async def follow(
    key: UUID, lines: AsyncGenerator[str, None]
) -> AsyncGenerator[str, None]:
    """Start the task that generates and stores an answer; yield its lines."""
    answer = RunningAnswer(key)
    task = asyncio.create_task(_generate(answer, lines))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    try:
        while (line := await answer.unread.get()) is not None:
            yield line
    finally:
        answer.is_followed = False


async def _generate(answer: RunningAnswer, lines: AsyncGenerator[str, None]) -> None:
    reader = asyncio.create_task(_read(answer, lines))
    try:
        while not (await asyncio.wait({reader}, timeout=SAVE_INTERVAL))[0]:
            if not await run_in_db(store.save_progress, answer.key, answer.result):
                reader.cancel()
        state = _final_state(reader, answer)
        references = answer.references
        await run_in_db(store.finish, answer.key, state, answer.result, references)
    finally:
        reader.cancel()
        answer.end_response()


async def _read(answer: RunningAnswer, lines: AsyncGenerator[str, None]) -> None:
    async with aclosing(lines):
        async for line in lines:
            answer.add(line)


def _final_state(reader: asyncio.Task[None], answer: RunningAnswer) -> Answer.State:
    if reader.cancelled():
        return Answer.State.STOPPED
    if error := reader.exception():
        logger.error("The generation of a stored answer failed", exc_info=error)
        answer.result["error"] = "The server failed. The log has the details."
    return Answer.State.FAILED if "error" in answer.result else Answer.State.COMPLETE


async def wait_for_all() -> None:
    """Wait until every answer of this process is stored."""
    while _tasks:
        await asyncio.wait(_tasks)
