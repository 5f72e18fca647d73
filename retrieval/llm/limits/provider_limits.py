"""A provider's limits, kept in Redis for all processes of a site.

Per provider and model: the concurrency (halved after a 429, back within minutes),
requests and tokens per minute if they are configured, `Retry-After`, and a growing
pause while the provider fails. Per role: MAX_ASYNC. Questions have priority over
extraction if they use the same model, and workspaces take turns. A slot is a lease: the
slot of a dead process expires after LEASE_SECONDS. docs/adr/0006-provider-limits.md
explains why no package is used.
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
    BadCredentials,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    Unreachable,
)
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits import slot_scripts
from retrieval.llm.usage import ledger

LEASE_SECONDS = 20.0
RENEW_SECONDS = 6.0
MAX_QUESTION_WAIT = 8.0
"""Upper bound on the seconds a question waits for a paused provider."""
DEFAULT_RETRY_AFTER = 1.0
MAX_RETRY_AFTER = 120.0
REDIS_RETRY_SECONDS = 5.0
"""Seconds without shared limits after Redis did not answer."""
LOG_SECONDS = 60.0
"""Seconds between two log lines about a paused provider."""
PREFIX = "lightrag:limits"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one role at one provider; 0 per minute means no limit."""

    provider: str
    """Binding, model and host; equal providers share their limits."""
    role: str
    max_async: int
    requests_per_minute: int = 0
    tokens_per_minute: int = 0

    @property
    def is_question(self) -> bool:
        """Whether a user waits for the calls of this role."""
        return self.role not in {"extract", "vlm", "embedding"}


@dataclass(slots=True)
class Lease:
    """A slot of a provider.

    `acquired` is the time by Redis's clock, or None if Redis did not answer.
    """

    id: str
    acquired: float | None
    is_question: bool = False
    request: str = ""
    """A hash that is equal for equal requests."""
    more_tokens: int = 0
    """Tokens used beyond the estimate."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ends_within(self, seconds: float) -> bool:
        """Wait for the end of the lease; return False if it is still held."""
        try:
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        except TimeoutError:
            return False
        return True


class ProviderLimits:
    """Grants leases by the rules of a role; without Redis it grants all of them."""

    def __init__(self, rules: Rules, *, renew_seconds: float = RENEW_SECONDS) -> None:
        self.rules = rules
        self._renew_seconds = renew_seconds
        digest = hashlib.sha256(rules.provider.encode()).hexdigest()[:12]
        base = f"{PREFIX}:{{{digest}}}"
        self.keys = [
            f"{base}:state",
            f"{base}:leases",
            f"{base}:role:{rules.role}",
            f"{base}:requests",
            f"{base}:waiting_questions",
            f"{base}:waiting_workspaces:{rules.role}",
            f"{base}:served",
        ]
        self._redis: PerEventLoop[Redis] = PerEventLoop(connect)
        self._workspace_locks: PerEventLoop[
            weakref.WeakValueDictionary[int, asyncio.Lock]
        ] = PerEventLoop(weakref.WeakValueDictionary)
        self._released: PerEventLoop[asyncio.Event] = PerEventLoop(asyncio.Event)
        self._without_redis_until = 0.0
        self._answered_at = -math.inf
        self._pause_logged_at = -math.inf

    @asynccontextmanager
    async def lease(
        self, tokens: int, *, is_question: bool | None = None, request: str = ""
    ) -> AsyncIterator[Lease]:
        """Wait for a lease, renew it while it is held, and report the outcome.

        `is_question` is that of the role by default; `request` is a hash of the request.
        Raises ProviderDown or RateLimited if a question would wait too long for a
        paused provider.
        """
        started = time.monotonic()
        async with self._workspace_lock():
            lease = Lease(uuid.uuid4().hex, None, request=request)
            lease.is_question = (
                self.rules.is_question if is_question is None else is_question
            )
            await self._acquire(lease, tokens, started)
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

    def _workspace_lock(self) -> asyncio.Lock:
        """Return the workspace's lock. Only the call that holds it asks Redis for a lease."""
        workspace = ledger.current_workspace()
        return self._workspace_locks.get().setdefault(workspace, asyncio.Lock())

    async def _acquire(self, lease: Lease, tokens: int, started: float) -> None:
        """Ask Redis until it grants a lease; `started` is when the call began to wait."""
        while time.monotonic() >= self._without_redis_until:
            try:
                granted, number, reason, kind = await self._try(lease, tokens)
            except (RedisError, OSError) as error:
                self._do_without_redis(error)
                break
            if granted == b"1":
                lease.acquired = float(number)
                break
            wait = float(number)
            is_down = kind == b"down"
            if lease.is_question and self._is_too_long(wait, started):
                raise self._paused(wait, reason.decode(), is_down=is_down)
            if is_down:
                self._log_pause(wait, reason.decode())
            await self._wait_for_release(min(max(wait, 0.01), 1.0))

    def _log_pause(self, wait: float, reason: str) -> None:
        """Log that calls wait for a provider, at most once a minute."""
        now = time.monotonic()
        if now - self._pause_logged_at < LOG_SECONDS:
            return
        self._pause_logged_at = now
        message = pause_message(self.rules.provider, wait, reason, is_down=True)
        logger.warning("Waiting for the model: %s", message)

    async def _wait_for_release(self, seconds: float) -> None:
        """Wait for a release in this process, at most `seconds`.

        Releases in other processes are not visible here.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._released.get().wait()

    async def _try(self, lease: Lease, tokens: int) -> tuple[bytes, ...]:
        rules = self.rules
        values = (
            *(lease.id, int(lease.is_question), rules.max_async),
            *(rules.requests_per_minute, rules.tokens_per_minute, tokens),
            *(LEASE_SECONDS, rules.provider, ledger.current_workspace()),
        )
        result: tuple[bytes, ...] = await self._run(
            slot_scripts.ACQUIRE, self.keys, values
        )
        return result

    def _is_too_long(self, wait: float, started: float) -> bool:
        waited = time.monotonic() - started
        return wait > max(MAX_QUESTION_WAIT - waited, 1.0)

    def _paused(self, wait: float, reason: str, *, is_down: bool) -> LLMError:
        message = pause_message(self.rules.provider, wait, reason, is_down=is_down)
        error = ProviderDown(message) if is_down else RateLimited(message, wait)
        error.is_paused = True
        return error

    async def _renew(self, lease: Lease) -> None:
        """Renew the lease until it ends.

        This task is never cancelled, because redis-py may lose a cancellation.
        """
        while lease.acquired is not None and not await lease.ends_within(
            self._renew_seconds
        ):
            with suppress(RedisError, OSError):
                redis = self._redis.get()
                now = (await redis.time())[0]
                for key in self.keys[1:3]:
                    await redis.zadd(key, {lease.id: now + LEASE_SECONDS}, xx=True)

    async def _end(
        self,
        lease: Lease,
        renewing: asyncio.Task[None],
        outcome: BaseException | None,
    ) -> None:
        await renewing
        await self._release(lease, outcome)

    async def _release(self, lease: Lease, outcome: BaseException | None) -> None:
        kind, wait = classify(outcome)
        if kind == "ok":
            self._answered_at = time.monotonic()
        answered_ago = time.monotonic() - self._answered_at
        if lease.acquired is not None:
            values = (
                *(lease.id, kind, repr(lease.acquired), wait, lease.more_tokens),
                *(str(outcome)[:300] if outcome else "", lease.request),
            )
            try:
                result = await self._run(slot_scripts.RELEASE, self.keys[:3], values)
                answered_ago = min(answered_ago, float(result))
            except (RedisError, OSError) as error:
                self._do_without_redis(error)
        if isinstance(outcome, LLMError):
            outcome.answered_ago = answered_ago
        self._released.get().set()
        self._released.get().clear()

    async def _run(
        self, script: str, keys: list[str], values: tuple[str | int | float, ...]
    ) -> Any:
        """Run a script; redis-py loads it again if Redis does not have it."""
        redis = self._redis.get()
        return await redis.register_script(script)(keys, values)

    def _do_without_redis(self, error: Exception) -> None:
        logger.warning(
            "Redis can't be reached (%s): each process applies its own limits", error
        )
        self._without_redis_until = time.monotonic() + REDIS_RETRY_SECONDS


def connect() -> Redis:
    """Return a client of the site's Redis for the running event loop."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2
    )


def classify(outcome: BaseException | None) -> tuple[str, float]:
    """Return the state of a provider after a request, and seconds to pause it.

    The first item is `ok` (it answered), `limited` (429), `timeout`, `failed`,
    `unreachable`, `rejected` (the key) or `other` (nothing is known, for example after a
    cancellation).
    """
    if outcome is None:
        return "ok", 0.0
    if isinstance(outcome, RateLimited):
        seconds = outcome.retry_after
        wait = DEFAULT_RETRY_AFTER if seconds is None else seconds
        return "limited", min(wait, MAX_RETRY_AFTER)
    if isinstance(outcome, ProviderTimeout):
        return "timeout", 0.0
    if isinstance(outcome, ProviderDown):
        return "unreachable" if isinstance(outcome, Unreachable) else "failed", 0.0
    if isinstance(outcome, BadCredentials):
        return "rejected", 0.0
    return ("ok", 0.0) if isinstance(outcome, LLMError) else ("other", 0.0)


def pause_message(provider: str, seconds: float, reason: str, *, is_down: bool) -> str:
    """Return a message that names a paused provider, the cause and the next try."""
    problem = "can't be reached" if is_down else "accepts no requests now"
    return f"{provider} {problem}; next try in {max(seconds, 1):.0f} s: {reason}"
