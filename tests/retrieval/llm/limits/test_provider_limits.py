"""Tests of limits shared by all processes, with a real Valkey."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable

import pytest
import redis
from django.conf import settings
from pytest_django import Settings
from redis.asyncio import Redis

from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
)
from retrieval.llm.limits import provider_limits, provider_states
from retrieval.llm.limits.provider_limits import PREFIX, ProviderLimits, Rules
from retrieval.llm.limits.provider_states import ProviderState
from retrieval.llm.usage import ledger

TIMEOUT_SECONDS = 10


class Site:
    """A provider used by several processes, each with its own `ProviderLimits`.

    A call ends when `finish` is set; `in_flight` counts calls that hold a lease.
    """

    def __init__(self, name: str, max_async: int = 8, per_minute: int = 0) -> None:
        self.name = name
        self.max_async = max_async
        self.per_minute = per_minute
        self.in_flight = self.highest = 0
        self.order: list[str] = []
        self.changed = asyncio.Condition()
        self.processes: list[ProviderLimits] = []

    def process(
        self, role: str = "extract", *, renew_seconds: float = 6.0
    ) -> ProviderLimits:
        rules = Rules(self.name, role, self.max_async, self.per_minute)
        limits = ProviderLimits(rules, renew_seconds=renew_seconds)
        self.processes.append(limits)
        return limits

    async def call(
        self,
        limits: ProviderLimits,
        seconds: float = 0.0,
        error: LLMError | None = None,
    ) -> None:
        async with limits.lease(10):
            await self._count(1)
            try:
                await asyncio.sleep(seconds)
            finally:
                await self._count(-1)
            if error:
                raise error

    async def call_until(
        self, limits: ProviderLimits, finish: asyncio.Event, label: str = ""
    ) -> None:
        async with limits.lease(10):
            self.order.append(label)
            await self._count(1)
            await finish.wait()
            await self._count(-1)

    async def wait_for(self, in_flight: int) -> None:
        """Wait until exactly so many calls hold a lease."""
        async with asyncio.timeout(TIMEOUT_SECONDS), self.changed:
            await self.changed.wait_for(lambda: self.in_flight == in_flight)

    async def _count(self, change: int) -> None:
        async with self.changed:
            self.in_flight += change
            self.highest = max(self.highest, self.in_flight)
            self.changed.notify_all()

    async def fail(self, limits: ProviderLimits, *errors: LLMError) -> None:
        """Make one call after the other, each failing with its error."""
        for error in errors:
            with pytest.raises(type(error)):
                await self.call(limits, 0, error)

    async def fail_together(self, limits: ProviderLimits, *errors: LLMError) -> None:
        """Make calls that are all in flight before the first of them fails."""
        all_started = asyncio.Barrier(len(errors))

        async def call(error: LLMError) -> None:
            async with limits.lease(10):
                await all_started.wait()
                raise error

        await asyncio.gather(*map(call, errors), return_exceptions=True)


@pytest.fixture
async def make_site(redis: str) -> AsyncIterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(*args: object, **options: int) -> Site:
        sites.append(Site(*args, **options))  # type: ignore[arg-type]
        return sites[-1]

    yield make
    for site in sites:
        for limits in site.processes:
            await limits.aclose()


MakeSite = Callable[..., Site]


async def test_processes_share_a_roles_slots(make_site: MakeSite) -> None:
    site = make_site("shared", max_async=3)
    first, second = site.process(), site.process()
    await asyncio.gather(
        *(site.call(limits, 0.05) for limits in (first, second) for _ in range(6))
    )
    assert site.highest == 3


async def test_only_the_first_waiting_call_of_a_process_queries_redis(
    make_site: MakeSite,
) -> None:
    site = make_site("queue", max_async=1)
    limits, watcher = site.process(), provider_limits.connect()
    await site.call(limits)
    before, started = await scripts_run(watcher), time.monotonic()
    await asyncio.gather(*(site.call(limits, 0.05) for _ in range(10)))
    scripts = await scripts_run(watcher) - before
    pauses = (time.monotonic() - started) / 0.01  # the shortest time between two tries
    assert 20 <= scripts <= 20 + pauses  # each call acquires and releases a lease
    await watcher.aclose()


async def scripts_run(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return sum(
        int(stats[name]["calls"])
        for name in ("cmdstat_eval", "cmdstat_evalsha")
        if name in stats
    )


async def check_concurrency(site: Site, limits: ProviderLimits, count: int) -> None:
    """Check that `count` calls are in flight at once, and never more."""
    site.highest = 0
    assert window(site) == (-1 if count == site.max_async else count)
    finish = asyncio.Event()
    calls = [asyncio.create_task(site.call_until(limits, finish)) for _ in range(12)]
    await site.wait_for(in_flight=count)
    finish.set()
    await asyncio.gather(*calls)
    assert site.highest == count


def state_of(site: Site) -> ProviderState:
    client = redis.Redis.from_url(settings.REDIS_URL)
    (state,) = [s for s in provider_states.read(client) if s.provider == site.name]
    client.close()
    return state


def window(site: Site) -> int:
    return state_of(site).window


async def age(site: Site, seconds: float) -> None:
    """Make everything that was learned of the provider older."""
    client = provider_limits.connect()
    (key,) = [
        key
        async for key in client.scan_iter(f"{PREFIX}:*:state")
        if await client.hget(key, "name") == site.name.encode()
    ]
    for field in ("until", "reduced", "opened_at"):
        value = await client.hget(key, field)
        if value is not None:
            await client.hset(key, field, str(float(value) - seconds))
    await client.aclose()


async def test_a_burst_of_429_halves_the_concurrency_once(make_site: MakeSite) -> None:
    site = make_site("halved")
    limits = site.process()
    await site.fail_together(limits, *[RateLimited(retry_after=0.1)] * 8)
    await check_concurrency(site, limits, 4)


@pytest.mark.parametrize(
    ("seconds", "concurrency"), [(15, 6), (60, 7), (119, 7), (400, 8)]
)
async def test_a_reduced_concurrency_recovers_and_is_forgotten(
    make_site: MakeSite, seconds: float, concurrency: int
) -> None:
    site = make_site(f"recovering {seconds}")
    limits = site.process()
    await site.fail_together(limits, *[RateLimited(retry_after=0)] * 8)
    await age(site, seconds)
    await check_concurrency(site, limits, concurrency)


@pytest.mark.parametrize(
    "error", [ProviderDown("no route"), ProviderTimeout("slow"), RateLimited("", 0)]
)
async def test_a_single_failure_does_not_change_the_concurrency(
    make_site: MakeSite, error: LLMError
) -> None:
    site = make_site(f"single {error!r}")
    limits = site.process()
    await site.fail(limits, error)
    await check_concurrency(site, limits, 8)


async def test_failures_of_a_burst_do_not_change_the_concurrency(
    make_site: MakeSite,
) -> None:
    site = make_site("burst")
    limits = site.process()
    await site.fail_together(limits, *[ProviderDown("no route")] * 8)
    await age(site, 10)
    await site.call(limits)
    await check_concurrency(site, limits, 8)


async def test_timeouts_in_a_row_halve_the_concurrency(make_site: MakeSite) -> None:
    site = make_site("slow")
    limits = site.process()
    await site.fail_together(limits, *[ProviderTimeout("slow")] * 8)
    await age(site, 10)
    await site.call(limits)
    await check_concurrency(site, limits, window(site))
    assert 2 <= window(site) < 8


async def test_a_pause_after_failures_is_at_most_a_minute_and_doubles(
    make_site: MakeSite,
) -> None:
    site = make_site("doubling")
    limits = site.process()
    await site.fail(limits, *[ProviderDown("no route")] * 5)
    pauses = []
    for _ in range(5):
        seconds = state_of(site).paused_seconds
        pauses.append(5 * math.ceil(seconds / 5))
        await age(site, seconds)
        await site.fail(limits, ProviderDown("no route"))
    assert pauses == [5, 10, 20, 40, 60]


async def test_after_a_pause_one_request_is_made_until_one_succeeds(
    make_site: MakeSite,
) -> None:
    site = make_site("probing")
    limits = site.process()
    await site.fail(limits, *[ProviderDown("no route")] * 5)
    await age(site, 10)
    finish = asyncio.Event()
    probe = asyncio.create_task(site.call_until(limits, finish))
    await site.wait_for(in_flight=1)
    assert window(site) == 1
    finish.set()
    await probe
    await check_concurrency(site, limits, 8)


async def test_retry_after_applies_to_all_processes(make_site: MakeSite) -> None:
    site = make_site("retry after")
    first, second = site.process(), site.process()
    await site.fail(first, RateLimited(retry_after=0.6))
    started = time.monotonic()
    await site.call(second)
    assert time.monotonic() - started >= 0.5


async def test_a_question_fails_at_once_during_a_long_pause(
    make_site: MakeSite,
) -> None:
    site = make_site("failing at once")
    extract, query = site.process(), site.process("query")
    await site.fail(extract, RateLimited("quota reached", retry_after=60))
    message = r"accepts no requests now; next try in .* s: quota reached"
    with pytest.raises(RateLimited, match=message) as caught:
        await site.call(query)
    assert 50 < (caught.value.retry_after or 0) <= 60


@pytest.mark.parametrize("error", [ProviderDown("no route"), ProviderTimeout("slow")])
async def test_a_provider_is_paused_after_five_failures(
    make_site: MakeSite, error: LLMError
) -> None:
    site = make_site(f"failing {error}")
    extract, query = site.process(), site.process("query")
    await site.fail(extract, *[error] * 5)
    started = time.monotonic()
    (state,) = [s for s in provider_states.paused() if s.provider == site.name]
    assert str(state).startswith(f"{site.name} can't be reached; next try in ")
    assert str(state).endswith(f" s: {error}")
    await site.call(query)
    assert time.monotonic() - started > 2
    await site.call(query)


async def test_one_request_that_always_fails_does_not_pause_the_provider(
    make_site: MakeSite,
) -> None:
    site = make_site("poison")
    limits = site.process("query")
    for _ in range(8):
        with pytest.raises(ProviderDown):
            async with limits.lease(1, request="the same"):
                raise ProviderDown
    await site.call(limits)
    for number in range(5):
        with pytest.raises(ProviderDown):
            async with limits.lease(1, request=str(number)):
                raise ProviderDown
    assert provider_states.paused()


async def test_a_question_does_not_wait_for_a_paused_embedding_model(
    make_site: MakeSite,
) -> None:
    limits = make_site("embed").process("embedding")
    with pytest.raises(RateLimited):
        async with limits.lease(1):
            raise RateLimited(retry_after=60)
    with pytest.raises(RateLimited, match="next try") as caught:
        async with limits.lease(1, is_question=True):
            pass
    assert caught.value.is_paused


async def test_a_failure_contains_the_time_of_the_last_answer_to_any_process(
    make_site: MakeSite,
) -> None:
    site = make_site("answered")
    first, second = site.process(), site.process("query")
    down = ProviderDown("no route")
    await site.fail(first, down)
    assert down.answered_ago > 1e6
    await site.call(second)
    await site.fail(first, down)
    assert 0 <= down.answered_ago < 60


async def test_an_unreadable_answer_changes_no_limit(make_site: MakeSite) -> None:
    site = make_site("unreadable")
    limits = site.process()
    await site.fail(limits, *[BadAnswer()] * 8)
    await check_concurrency(site, limits, 8)


async def test_questions_have_priority_over_extraction(make_site: MakeSite) -> None:
    site = make_site("priority", max_async=4)
    extract, query = site.process(), site.process("query")
    await site.fail_together(extract, *[RateLimited(retry_after=0)] * 4)
    first, finish = asyncio.Event(), asyncio.Event()
    calls = [
        asyncio.create_task(site.call_until(extract, event, "extract"))
        for event in (first, finish)
    ]
    await site.wait_for(in_flight=2)  # all that the provider gets now
    calls += [
        asyncio.create_task(site.call_until(limits, finish, limits.rules.role))
        for limits in (extract, extract, query)
    ]
    await until_waiting(site, "waiting_questions", 1)
    first.set()
    await until_waiting(site, "waiting_questions", 0)
    finish.set()
    await asyncio.gather(*calls)
    assert site.order[2] == "query"


async def until_waiting(site: Site, key: str, count: int) -> None:
    """Wait until a sorted set of the provider has so many members."""
    client = provider_limits.connect()
    (name,) = {k for limits in site.processes for k in limits.keys if key in k}
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while await client.zcard(name) != count:
            await asyncio.sleep(0.01)
    await client.aclose()


async def test_workspaces_take_turns_whatever_their_number_of_calls(
    make_site: MakeSite,
) -> None:
    site = make_site("turns", max_async=1)
    busy, quiet = site.process(), site.process()
    first, finish = asyncio.Event(), asyncio.Event()
    finish.set()

    async def call(limits: ProviderLimits, workspace: int) -> None:
        ledger.set_workspace(workspace)
        await site.call_until(limits, finish, str(workspace))

    async def hold() -> None:
        ledger.set_workspace(1)
        await site.call_until(busy, first, "held")

    calls = [asyncio.create_task(hold())]
    await site.wait_for(in_flight=1)
    calls += [asyncio.create_task(call(busy, 1)) for _ in range(20)]
    calls += [asyncio.create_task(call(quiet, 2)) for _ in range(3)]
    await until_waiting(site, "waiting_workspaces", 2)
    first.set()
    await asyncio.gather(*calls)
    third = [number for number, label in enumerate(site.order) if label == "2"][2]
    assert third < 10


async def test_requests_per_minute_are_limited(make_site: MakeSite) -> None:
    site = make_site("requests", per_minute=5)
    extract, query = site.process(), site.process("query")
    await asyncio.gather(*(site.call(extract) for _ in range(5)))
    with pytest.raises(RateLimited, match="requests per minute") as caught:
        await site.call(query)
    assert 50 < (caught.value.retry_after or 0) <= 61


async def test_tokens_per_minute_are_limited(redis: str) -> None:
    limits = ProviderLimits(Rules("tokens", "query", 8, tokens_per_minute=1000))
    async with limits.lease(900) as lease:
        lease.more_tokens = 50
    with pytest.raises(RateLimited, match="tokens per minute") as caught:
        async with limits.lease(500):
            pass
    assert 25 < (caught.value.retry_after or 0) <= 27
    await limits.aclose()


async def test_a_cancelled_request_releases_its_lease(make_site: MakeSite) -> None:
    site = make_site("cancelled", max_async=1)
    limits = site.process()
    call = asyncio.create_task(site.call_until(limits, asyncio.Event()))
    await site.wait_for(in_flight=1)
    call.cancel()
    await asyncio.wait([call])
    async with asyncio.timeout(TIMEOUT_SECONDS):
        async with limits.lease(0):
            pass


async def test_a_request_may_end_while_its_lease_is_being_renewed(
    make_site: MakeSite,
) -> None:
    site = make_site("renewed", max_async=100)
    limits = site.process(renew_seconds=0.0)
    async with asyncio.timeout(30):
        await asyncio.gather(*(site.call(limits, n / 1000) for n in range(100)))
    assert site.in_flight == 0


async def test_without_redis_calls_are_made(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    site = Site("without redis")
    limits = site.process()
    await asyncio.gather(*(site.call(limits, 0.01) for _ in range(4)))
    assert site.highest == 4
    await limits.aclose()
