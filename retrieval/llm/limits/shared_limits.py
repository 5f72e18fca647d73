"""A provider's limits, kept in Redis for all processes of a site.

Per provider and model: how many requests at once (learnt: halved when the provider says
429 or times out, raised slowly), requests and tokens a minute where they are configured,
`Retry-After` obeyed by all, and a pause that grows while the provider fails. Per role:
MAX_ASYNC. Questions go before extraction where they share a model, and workspaces take
turns. A slot is a lease: a process that dies gives it back within LEASE_SECONDS.

No package does all of this (PyPI has semaphores and rate limits apart, none that learns),
so it is two scripts in Redis (`limit_scripts`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
import uuid
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from retrieval.llm.errors import (
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
)
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits import redis_scripts
from retrieval.llm.usage import recorder

LEASE_SECONDS = 20.0
RENEW_SECONDS = 6.0
PATIENCE = 8.0
"""Seconds that a question waits for a paused provider before it is told so."""
WITHOUT_RETRY_AFTER = 1.0
LONGEST_RETRY_AFTER = 120.0
LOOK_FOR_REDIS_AGAIN = 5.0
PREFIX = "lightrag:limits"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """One role's part of one provider's limits; 0 a minute is no limit."""

    provider: str
    """Binding, model and host: who shares it shares the limits."""
    role: str
    at_once: int
    requests_per_minute: int = 0
    tokens_per_minute: int = 0

    @property
    def first(self) -> bool:
        """Whether somebody sits and waits for it."""
        return self.role not in {"extract", "embedding"}


@dataclass(slots=True)
class Lease:
    """A slot that was given. `taken`: when, by Redis's clock; None: without Redis."""

    id: str
    taken: float | None
    more_tokens: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ends_within(self, seconds: float) -> bool:
        """Whether it is given back meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        except TimeoutError:
            return False
        return True


class ProviderLimits:
    """Gives leases by the rules; without Redis it gives them freely."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        digest = hashlib.sha256(rules.provider.encode()).hexdigest()[:12]
        base = f"{PREFIX}:{{{digest}}}"
        self._keys = [
            f"{base}:state",
            f"{base}:leases",
            f"{base}:role:{rules.role}",
            f"{base}:asked",
            f"{base}:waiting",
            f"{base}:wanting:{rules.role}",
            f"{base}:served",
        ]
        self._redis: PerEventLoop[Redis] = PerEventLoop(connect)
        self._lines: PerEventLoop[weakref.WeakValueDictionary[int, asyncio.Lock]] = (
            PerEventLoop(weakref.WeakValueDictionary)
        )
        self._given_back: PerEventLoop[asyncio.Event] = PerEventLoop(asyncio.Event)
        self._without_redis_until = 0.0
        self._answered = -math.inf

    @asynccontextmanager
    async def lease(self, tokens: int) -> AsyncIterator[Lease]:
        """Waits for a lease, prolongs it while it is held, and tells how it went."""
        started = time.monotonic()
        async with self._line():
            lease = await self._taken(tokens, started)
        renewing = asyncio.create_task(self._renew(lease))
        outcome: BaseException | None = None
        try:
            yield lease
        except BaseException as error:
            outcome = error
            raise
        finally:
            lease.ended.set()
            await asyncio.shield(self._end(lease, renewing, outcome))

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        redis = self._redis.pop()
        if redis is not None:
            await redis.aclose()

    def _line(self) -> asyncio.Lock:
        """Who waits here for the same workspace: only the first of them asks Redis."""
        return self._lines.get().setdefault(
            recorder.current_workspace(), asyncio.Lock()
        )

    async def _taken(self, tokens: int, started: float) -> Lease:
        """`started`: since when whoever asks has been waiting."""
        lease = Lease(uuid.uuid4().hex, None)
        while time.monotonic() >= self._without_redis_until:
            try:
                given, number, reason, kind = await self._ask(lease.id, tokens)
            except (RedisError, OSError) as error:
                self._do_without(error)
                break
            if given == b"1":
                lease.taken = float(number)
                break
            wait = float(number)
            if self.rules.first and self._is_too_long(wait, started):
                raise self._left_alone(wait, reason.decode(), kind)
            await self._until_one_is_free(min(max(wait, 0.01), 1.0))
        return lease

    async def _until_one_is_free(self, seconds: float) -> None:
        """Until a lease is given back here, or, for other processes' are not seen, so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._given_back.get().wait()

    async def _ask(self, lease_id: str, tokens: int) -> tuple[bytes, ...]:
        rules = self.rules
        values = (
            *(lease_id, int(rules.first), rules.at_once, rules.requests_per_minute),
            *(rules.tokens_per_minute, tokens, LEASE_SECONDS, rules.provider),
            recorder.current_workspace(),
        )
        answer: tuple[bytes, ...] = await self._run(
            redis_scripts.TAKE, self._keys, values
        )
        return answer

    def _is_too_long(self, wait: float, started: float) -> bool:
        """For somebody who asks; extraction waits as long as it takes."""
        return wait > max(PATIENCE - (time.monotonic() - started), 1.0)

    def _left_alone(self, wait: float, reason: str, kind: bytes) -> LLMError:
        """Why, and whether it is that the provider fails or that it limits us."""
        said = f"{self.rules.provider} is left alone for {wait:.0f} s: {reason}"
        return ProviderDown(said) if kind == b"down" else RateLimited(said, wait)

    async def _renew(self, lease: Lease) -> None:
        """Until it has ended. It is never cancelled: redis-py may lose a cancellation."""
        while lease.taken is not None and not await lease.ends_within(RENEW_SECONDS):
            with suppress(RedisError, OSError):
                redis = self._redis.get()
                now = (await redis.time())[0]
                for key in self._keys[1:3]:
                    await redis.zadd(key, {lease.id: now + LEASE_SECONDS}, xx=True)

    async def _end(
        self,
        lease: Lease,
        renewing: asyncio.Task[None],
        outcome: BaseException | None,
    ) -> None:
        await renewing
        await self._give_back(lease, outcome)

    async def _give_back(self, lease: Lease, outcome: BaseException | None) -> None:
        kind, wait = judged(outcome)
        if kind == "ok":
            self._answered = time.monotonic()
        ago = time.monotonic() - self._answered
        if lease.taken is not None:
            values = (
                *(lease.id, kind, repr(lease.taken), wait, lease.more_tokens),
                str(outcome)[:300] if outcome else "",
            )
            try:
                said = await self._run(redis_scripts.GIVE_BACK, self._keys[:3], values)
                ago = min(ago, float(said))
            except (RedisError, OSError) as error:
                self._do_without(error)
            self._given_back.get().set()
            self._given_back.get().clear()
        if isinstance(outcome, LLMError):
            outcome.answered_ago = ago

    async def _run(
        self, script: str, keys: list[str], values: tuple[str | int | float, ...]
    ) -> Any:
        """Loaded anew by redis-py where Redis has forgotten it."""
        redis = self._redis.get()
        return await redis.register_script(script)(keys, values)

    def _do_without(self, error: Exception) -> None:
        logger.warning(
            "Redis cannot be reached (%s): each process keeps to its own limits", error
        )
        self._without_redis_until = time.monotonic() + LOOK_FOR_REDIS_AGAIN


def connect() -> Redis:
    """A client of the site's Redis, for the running event loop."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2
    )


def judged(outcome: BaseException | None) -> tuple[str, float]:
    """What a request's end says of its provider, and how long to leave it alone."""
    if outcome is None:
        return "ok", 0.0
    if isinstance(outcome, RateLimited):
        asked = outcome.retry_after
        wait = WITHOUT_RETRY_AFTER if asked is None else asked
        return "limited", min(wait, LONGEST_RETRY_AFTER)
    if isinstance(outcome, ProviderTimeout | ProviderDown):
        return "failed", 0.0
    return ("ok", 0.0) if isinstance(outcome, LLMError) else ("other", 0.0)
