"""Model calls of many owners in flight at once, one of each in turn (see `turns`).

The jobs run on the event loop of `retrieval.llm.bridge`; their results are stored and
acted upon here, in the calling thread. This is where the write path crosses from sync
to async.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from documents import outages
from documents.subject import subject
from documents.turns import Turns
from retrieval.llm import account, bill, bridge, spans
from retrieval.llm.account import Paid
from retrieval.llm.bill import Call
from retrieval.llm.errors import BadAnswer, RequestRefused


class Job(Protocol):
    """A model call, and how its results are stored: many of a kind in one go.

    `purpose` is what its cost is accounted as.
    """

    @property
    def purpose(self) -> str: ...

    async def run(self) -> Any:
        """Ask the model. Whatever it raises ends up with the owner, as the job's failure."""

    def store(self, done: Sequence[tuple[Any, Any]]) -> None:
        """Store (job, result) pairs of this job's own class, in one transaction."""


Then = Callable[[list[BaseException]], None]


@dataclass(slots=True)
class Owner:
    """Whom jobs are done for, and what comes after the last of them."""

    group: int
    then: Then
    waiting: deque[Job]
    about: str
    running: int = 0
    errors: list[BaseException] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Running:
    """A job under way, and what it has cost so far."""

    key: Hashable
    owner: Owner
    job: Job
    calls: list[Call]

    def paid(self) -> list[Paid]:
        """Its cost as the account has it."""
        document = self.key if isinstance(self.key, int) else None
        return [
            Paid(self.owner.group, self.job.purpose, call, document)
            for call in self.calls
        ]


class Crew:
    """Runs jobs, `limit` at once; not thread-safe: one crew for each ingesting thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.owners: dict[Hashable, Owner] = {}
        self.turns = Turns()
        self.running: dict[Future[Any], Running] = {}

    @property
    def busy(self) -> bool:
        """Whether any job is waiting or running."""
        return bool(self.owners or self.running)

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return sum(len(owner.waiting) for owner in self.owners.values())

    def is_full(self, group: int) -> bool:
        """Whether one job of each waiting owner of the group would take all places."""
        return self.turns.waiting(group) >= self.limit

    def start(
        self,
        group: int,
        key: Hashable,
        jobs: Iterable[Job],
        then: Then,
        about: str = "",
    ) -> None:
        """Have an owner's jobs done; `then` gets the errors of those that failed.

        `group` is a workspace's id; a `key` that is a number is a document's, and
        `about` its public id, for those who watch.
        """
        owner = Owner(group, then, deque(jobs), about)
        if not owner.waiting:
            then([])
            return
        self.owners[key] = owner
        self.turns.add(group, key)
        self.fill()

    def drop(self, key: Hashable) -> None:
        """Do not begin this owner's waiting jobs, nor what comes after them."""
        owner = self.owners.get(key)
        if owner:
            owner.waiting.clear()
            owner.then = ignore
            self.end_if_done(key, owner)

    def fill(self) -> None:
        """Begin jobs until `limit` run, going round the groups and their owners."""
        while len(self.running) < self.limit:
            key = self.turns.take()
            if key is None:
                return
            owner = self.owners.get(key)
            if owner and owner.waiting:
                job = owner.waiting.popleft()
                owner.running += 1
                calls: list[Call] = []
                future = bridge.submit(metered(job, owner, calls))
                self.running[future] = Running(key, owner, job, calls)
                if owner.waiting:
                    self.turns.add(owner.group, key)

    def step(self, timeout: float) -> None:
        """Wait for a job to end, store what has ended, and begin others."""
        done, _ = wait(self.running, timeout=timeout, return_when=FIRST_COMPLETED)
        ended = {future: self.running.pop(future) for future in done}
        self.fill()
        self.store(ended)
        for future, one in ended.items():
            self.settle(one, future)
        self.fill()

    def store(self, ended: Mapping[Future[Any], Running]) -> None:
        """Results, and then what all of it cost, failures too."""
        kinds: dict[tuple[type, int], list[tuple[Job, Any]]] = defaultdict(list)
        for future, one in ended.items():
            if future.exception() is None:
                kind = (type(one.job), one.owner.group)
                kinds[kind].append((one.job, future.result()))
        for pairs in kinds.values():
            outages.outlast(partial(pairs[0][0].store, pairs))
        paid = [cost for one in ended.values() for cost in one.paid()]
        outages.outlast(partial(account.write, paid))

    def settle(self, one: Running, future: Future[Any]) -> None:
        owner = one.owner
        owner.running -= 1
        error = future.exception()
        if error is not None:
            owner.errors.append(error)
            if not of_one_request(error):
                owner.waiting.clear()
        self.end_if_done(one.key, owner)

    def end_if_done(self, key: Hashable, owner: Owner) -> None:
        """A dropped owner's place may have been taken by the next of its key."""
        if not owner.waiting and not owner.running:
            if self.owners.get(key) is owner:
                del self.owners[key]
            owner.then(owner.errors)

    def salvage(self, seconds: float) -> None:
        """Begin nothing more, and store what still comes in within so many seconds."""
        done, _ = wait(self.running, timeout=seconds)
        self.store({future: self.running.pop(future) for future in done})

    def disband(self) -> None:
        """Cancel everything that runs."""
        for future in self.running:
            future.cancel()
        self.owners.clear()
        self.running.clear()


async def metered(job: Job, owner: Owner, calls: list[Call]) -> Any:
    """The job's result; what it cost is added to `calls`, however it ends.

    What is logged beneath names the document: a job is a task, with a context of its own.
    """
    subject.set(owner.about)
    about: dict[str, str | int] = {"lightrag.workspace": owner.group}
    if owner.about:
        about["lightrag.document"] = owner.about
    with bill.collected(owner.group, calls), spans.span(step_of(job), about):
        return await job.run()


def step_of(job: Job) -> str:
    """What a job is called among the spans: `extract` for an ExtractJob."""
    return type(job).__name__.removesuffix("Job").lower()


def of_one_request(error: BaseException) -> bool:
    """Whether another request may fare better, the provider being well."""
    cause = getattr(error, "cause", error)
    return isinstance(cause, RequestRefused | BadAnswer)


def ignore(errors: list[BaseException]) -> None:
    """What comes after the jobs of a dropped owner: nothing."""
