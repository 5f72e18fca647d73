"""Model calls of many owners in flight at once, one of each owner in turn.

The jobs run on the event loop of `retrieval.llm.bridge`; their results are stored and
acted upon here, in the calling thread. This is where the write path crosses from sync
to async.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from documents import outages
from retrieval.llm import bridge
from retrieval.llm.errors import BadAnswer, RequestRefused


class Job(Protocol):
    """A model call, and how its results are stored: many of a kind in one go."""

    async def run(self) -> Any:
        """Ask the model. Whatever it raises ends up with the owner, as the job's failure."""

    def store(self, done: Sequence[tuple[Any, Any]]) -> None:
        """Store (job, result) pairs of this job's own class, in one transaction."""


Then = Callable[[list[BaseException]], None]


@dataclass(slots=True)
class Owner:
    """Whom jobs are done for, and what comes after the last of them."""

    then: Then
    waiting: deque[Job]
    running: int = 0
    errors: list[BaseException] = field(default_factory=list)


class Crew:
    """Runs jobs, `limit` at once; not thread-safe: one crew for each ingesting thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.owners: dict[Hashable, Owner] = {}
        self.turns: deque[Hashable] = deque()
        self.running: dict[Future[Any], tuple[Hashable, Job]] = {}

    @property
    def busy(self) -> bool:
        """Whether any job is waiting or running."""
        return bool(self.owners)

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return sum(len(owner.waiting) for owner in self.owners.values())

    def start(self, key: Hashable, jobs: Iterable[Job], then: Then) -> None:
        """Have these jobs done; `then` gets the errors of those that failed."""
        owner = Owner(then, deque(jobs))
        if not owner.waiting:
            then([])
            return
        self.owners[key] = owner
        self.turns.append(key)
        self.fill()

    def drop(self, key: Hashable) -> None:
        """Do not begin this owner's waiting jobs, nor what comes after them."""
        owner = self.owners.get(key)
        if owner:
            owner.waiting.clear()
            owner.then = ignore
            self.end_if_done(key)

    def fill(self) -> None:
        """Begin jobs until `limit` run, going round the owners."""
        while self.turns and len(self.running) < self.limit:
            key = self.turns.popleft()
            owner = self.owners.get(key)
            if not owner or not owner.waiting:
                continue
            job = owner.waiting.popleft()
            owner.running += 1
            self.running[bridge.submit(job.run())] = (key, job)
            self.turns.append(key)

    def step(self, timeout: float) -> None:
        """Wait for a job to end, store what has ended, and begin others."""
        done, _ = wait(self.running, timeout=timeout, return_when=FIRST_COMPLETED)
        ended = [(future, *self.running.pop(future)) for future in done]
        self.fill()
        self.store(ended)
        for future, key, _ in ended:
            self.settle(key, future)
        self.fill()

    def store(self, ended: Iterable[tuple[Future[Any], Hashable, Job]]) -> None:
        kinds: dict[type, list[tuple[Job, Any]]] = defaultdict(list)
        for future, _, job in ended:
            if future.exception() is None:
                kinds[type(job)].append((job, future.result()))
        for pairs in kinds.values():
            outages.outlast(partial(pairs[0][0].store, pairs))

    def settle(self, key: Hashable, future: Future[Any]) -> None:
        owner = self.owners[key]
        owner.running -= 1
        error = future.exception()
        if error is not None:
            owner.errors.append(error)
            if not of_one_request(error):
                owner.waiting.clear()
        self.end_if_done(key)

    def end_if_done(self, key: Hashable) -> None:
        owner = self.owners[key]
        if not owner.waiting and not owner.running:
            del self.owners[key]
            owner.then(owner.errors)

    def salvage(self, seconds: float) -> None:
        """Begin nothing more, and store what still comes in within so many seconds."""
        done, _ = wait(self.running, timeout=seconds)
        self.store([(future, *self.running.pop(future)) for future in done])

    def disband(self) -> None:
        """Cancel everything that runs."""
        for future in self.running:
            future.cancel()
        self.owners.clear()
        self.running.clear()


def of_one_request(error: BaseException) -> bool:
    """Whether another request may fare better, the provider being well."""
    cause = getattr(error, "cause", error)
    return isinstance(cause, RequestRefused | BadAnswer)


def ignore(errors: list[BaseException]) -> None:
    """What comes after the jobs of a dropped owner: nothing."""
