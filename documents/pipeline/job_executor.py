"""Model calls of many owners in flight at once, one of each in turn (see `turns`).

The jobs run on the event loop of `retrieval.llm.event_loop`, and the next begins there the
moment one ends; their results are stored and acted upon here, in the calling thread. So
the models are kept busy while it merges. This is where the write path crosses from sync
to async.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import partial
from queue import Empty, SimpleQueue
from threading import RLock
from typing import Any

from documents.pipeline import db_retry
from documents.pipeline.fair_queue import Turns
from documents.pipeline.jobs import (
    Job,
    Lane,
    Owner,
    Running,
    Then,
    by_lane,
    of_one_request,
)
from retrieval.llm import event_loop
from retrieval.llm.usage import ledger

UNSTORED = 256
"""So many answers at most are in this process's memory alone, or under way to it."""
GATHER_SECONDS = 0.01
"""What ends within so long of another is stored with it."""


class Seats:
    """How many jobs of one lane run, and whose is next."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self.turns = Turns()


class Crew:
    """Runs jobs, of each lane its limit at once. One crew for each ingesting thread."""

    def __init__(self, limits: Mapping[Lane, int]) -> None:
        self.owners: dict[Hashable, Owner] = {}
        self.running: dict[Future[Any], Running] = {}
        """Begun and not yet stored."""
        self._lanes = {lane: Seats(limit) for lane, limit in limits.items()}
        self._ended: SimpleQueue[Future[Any]] = SimpleQueue()
        self._lock = RLock()  # the models' loop begins jobs too
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether any job is waiting or running."""
        return bool(self.owners or self.running)

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        with self._lock:
            lanes = [
                lane for own in self.owners.values() for lane in own.waiting.values()
            ]
            return sum(map(len, lanes))

    def is_full(self, group: int) -> bool:
        """Whether a chat of each waiting owner of the group would take all places."""
        seats = self._lanes[Lane.CHAT]
        return seats.turns.waiting(group) >= seats.limit

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
        owner = Owner(group, then, about, by_lane(jobs))
        if not owner.waiting:
            then([])
            return
        with self._lock:
            self.owners[key] = owner
            for lane in owner.waiting:
                self._lanes[lane].turns.add(group, key)
            self._fill()

    def drop(self, key: Hashable) -> None:
        """Do not begin this owner's waiting jobs, nor what comes after them."""
        with self._lock:
            owner = self.owners.get(key)
            if owner:
                owner.waiting.clear()
                owner.then = ignore
                self._is_over(key, owner)

    def step(self, timeout: float) -> None:
        """Wait for a job to end, store what has ended, and go on with its owners."""
        ended = self._take_ended(timeout)
        self._store(ended)
        for future, one in ended.items():
            self._settle(one, future)

    def salvage(self, seconds: float) -> None:
        """Begin nothing more, and store what still comes in within so many seconds."""
        self._closed = True
        done, _ = wait(list(self.running), timeout=seconds)
        self._store({future: self.running.pop(future) for future in done})

    def disband(self) -> None:
        """Cancel everything that runs."""
        self._closed = True
        for future in list(self.running):
            future.cancel()
        self.owners.clear()
        self.running.clear()

    def _fill(self) -> None:
        """Begin jobs until all seats are taken, going round the groups and their owners."""
        for lane, seats in self._lanes.items():
            while self._has_room(seats):
                key = seats.turns.take()
                if key is None:
                    break
                self._begin_next(key, lane, seats)

    def _has_room(self, seats: Seats) -> bool:
        free = seats.taken < seats.limit and len(self.running) < UNSTORED
        return free and not self._closed

    def _begin_next(self, key: Hashable, lane: Lane, seats: Seats) -> None:
        owner = self.owners.get(key)
        jobs = owner.waiting.get(lane) if owner else None
        if owner is None or not jobs:
            return
        one = Running(key, owner, jobs.popleft(), [])
        if jobs:
            seats.turns.add(owner.group, key)
        else:
            del owner.waiting[lane]
        seats.taken += 1
        owner.running += 1
        future = event_loop.submit(one.run())
        self.running[future] = one
        future.add_done_callback(partial(self._end, one))

    def _end(self, one: Running, future: Future[Any]) -> None:
        """On the models' loop: the next takes its seat. A provider that is down is not
        asked for the rest."""
        with self._lock:
            self._lanes[one.job.lane].taken -= 1
            error = None if future.cancelled() else future.exception()
            if error is not None and not of_one_request(error):
                one.owner.waiting.clear()
            self._ended.put(future)
            self._fill()

    def _take_ended(self, timeout: float) -> dict[Future[Any], Running]:
        """All that have ended, the first of them within `timeout` seconds."""
        ended: dict[Future[Any], Running] = {}
        if not self.running:
            return ended
        try:
            future = self._ended.get(timeout=timeout)
            end = time.monotonic() + GATHER_SECONDS
            while True:
                ended[future] = self.running.pop(future)
                if not self.running:
                    return ended
                left = max(0.0, end - time.monotonic())
                future = self._ended.get(timeout=left)
        except Empty:
            return ended
        finally:
            with self._lock:
                self._fill()

    def _store(self, ended: Mapping[Future[Any], Running]) -> None:
        """Results, and then what all of it cost, failures too."""
        kinds: dict[tuple[type, int], list[tuple[Job, Any]]] = defaultdict(list)
        for future, one in ended.items():
            if future.exception() is None:
                kind = (type(one.job), one.owner.group)
                kinds[kind].append((one.job, future.result()))
        for pairs in kinds.values():
            db_retry.outlast(partial(pairs[0][0].store, pairs))
        paid = [cost for one in ended.values() for cost in one.paid()]
        db_retry.outlast(partial(ledger.write, paid))

    def _settle(self, one: Running, future: Future[Any]) -> None:
        owner = one.owner
        error = future.exception()
        if error is not None:
            owner.errors.append(error)
        with self._lock:
            owner.running -= 1
            over = self._is_over(one.key, owner)
        if over:
            owner.then(owner.errors)

    def _is_over(self, key: Hashable, owner: Owner) -> bool:
        """A dropped owner's place may have been taken by the next of its key."""
        over = not owner.waiting and not owner.running
        if over and self.owners.get(key) is owner:
            del self.owners[key]
        return over


def ignore(errors: Sequence[BaseException]) -> None:
    """What comes after the jobs of a dropped owner: nothing."""
