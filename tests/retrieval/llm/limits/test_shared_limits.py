"""Limits that all processes keep together, on a real Valkey."""

from __future__ import annotations

import asyncio
import time

import pytest
from pytest_django import Settings
from redis.asyncio import Redis

from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
)
from retrieval.llm.limits import provider_states, shared_limits
from retrieval.llm.limits.shared_limits import ProviderLimits, Rules
from retrieval.llm.usage import recorder


class Site:
    """A provider that some processes share, each with its own `ProviderLimits`."""

    def __init__(self, name: str, at_once: int = 8, a_minute: int = 0) -> None:
        self.name = name
        self.at_once = at_once
        self.a_minute = a_minute
        self.inside = self.most = 0

    def process(self, role: str = "extract") -> ProviderLimits:
        return ProviderLimits(Rules(self.name, role, self.at_once, self.a_minute))

    async def call(
        self, limits: ProviderLimits, seconds: float, error: LLMError | None = None
    ) -> None:
        async with limits.lease(10):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(seconds)
            self.inside -= 1
            if error:
                raise error


async def closed(*limits: ProviderLimits) -> None:
    for one in limits:
        await one.aclose()


async def test_processes_share_a_roles_slots(redis: str) -> None:
    site = Site("shared", at_once=3)
    first, second = site.process(), site.process()
    await asyncio.gather(
        *(site.call(one, 0.05) for one in (first, second) for _ in range(6))
    )
    assert site.most == 3
    await closed(first, second)


async def test_of_those_who_wait_in_a_process_one_asks(redis: str) -> None:
    site = Site("line", at_once=1)
    limits, watcher = site.process(), shared_limits.connect()
    await site.call(limits, 0.0)
    before, begun = await scripts_run(watcher), time.monotonic()
    await asyncio.gather(*(site.call(limits, 0.05) for _ in range(10)))
    asked = await scripts_run(watcher) - before
    pauses = (time.monotonic() - begun) / 0.01  # the shortest between two tries
    assert 20 <= asked <= 20 + pauses  # each was given a lease, and gave it back
    await watcher.aclose()
    await closed(limits)


async def scripts_run(redis: Redis) -> int:
    """How many scripts Redis has run."""
    stats = await redis.info("commandstats")
    return sum(
        int(stats[name]["calls"])
        for name in ("cmdstat_eval", "cmdstat_evalsha")
        if name in stats
    )


async def test_a_refusal_halves_what_is_asked_at_once(redis: str) -> None:
    site = Site("halved")
    limits = site.process()
    burst = [
        site.call(limits, 0.1, RateLimited("slow down", retry_after=0.2))
        for _ in range(8)
    ]
    await asyncio.gather(*burst, return_exceptions=True)
    site.most = 0
    await asyncio.gather(*(site.call(limits, 0.05) for _ in range(12)))
    assert 4 <= site.most <= 6
    await closed(limits)


async def test_retry_after_is_obeyed_by_all(redis: str) -> None:
    site = Site("obeyed")
    first, second = site.process(), site.process()
    with pytest.raises(RateLimited):
        await site.call(first, 0, RateLimited(retry_after=0.6))
    started = time.monotonic()
    await site.call(second, 0)
    assert time.monotonic() - started >= 0.5
    await closed(first, second)


async def test_a_question_is_told_of_a_long_pause_at_once(redis: str) -> None:
    site = Site("told")
    extract, query = site.process(), site.process("query")
    with pytest.raises(RateLimited):
        await site.call(extract, 0, RateLimited("quota reached", retry_after=60))
    told = r"left alone for .* s: quota reached"
    with pytest.raises(RateLimited, match=told) as caught:
        await site.call(query, 0)
    assert 50 < (caught.value.retry_after or 0) <= 60
    await closed(extract, query)


@pytest.mark.parametrize("error", [ProviderDown("no route"), ProviderTimeout("slow")])
async def test_a_provider_that_keeps_failing_is_left_alone(
    redis: str, error: LLMError
) -> None:
    site = Site(f"failing {error}")
    extract, query = site.process(), site.process("query")
    for _ in range(5):
        with pytest.raises(type(error)):
            await site.call(extract, 0, error)
    started = time.monotonic()
    (left,) = [one for one in provider_states.left_alone() if site.name in str(one)]
    assert str(left).endswith(f"s: {error}")
    await site.call(query, 0)
    assert time.monotonic() - started > 2
    await site.call(query, 0)
    await closed(extract, query)


async def test_a_failure_knows_when_the_provider_last_answered_anybody(
    redis: str,
) -> None:
    site = Site("answered")
    first, second = site.process(), site.process("query")
    down = ProviderDown("no route")
    with pytest.raises(ProviderDown):
        await site.call(first, 0, down)
    assert down.answered_ago > 1e6
    await site.call(second, 0)
    with pytest.raises(ProviderDown):
        await site.call(first, 0, down)
    assert 0 <= down.answered_ago < 60
    await closed(first, second)


async def test_a_bad_answer_is_not_the_limits_business(redis: str) -> None:
    site = Site("unhurt")
    limits = site.process()
    for _ in range(8):
        with pytest.raises(BadAnswer):
            await site.call(limits, 0, BadAnswer())
    await asyncio.gather(*(site.call(limits, 0.05) for _ in range(8)))
    assert site.most == 8
    await closed(limits)


async def test_questions_go_before_extraction(redis: str) -> None:
    site = Site("ordered", at_once=4)
    extract, query = site.process(), site.process("query")
    with pytest.raises(RateLimited):  # one at once from here on
        await site.call(extract, 0, RateLimited(retry_after=0))
    order: list[str] = []

    async def asks(limits: ProviderLimits) -> None:
        async with limits.lease(1):
            await asyncio.sleep(0.08)
            order.append(limits.rules.role)

    async def later() -> None:
        await asyncio.sleep(0.04)
        await asks(query)

    await asyncio.gather(*(asks(extract) for _ in range(3)), later())
    assert order[1] == "query"
    await closed(extract, query)


async def test_workspaces_take_turns_however_much_one_asks(redis: str) -> None:
    site = Site("shared out", at_once=1)
    busy, quiet = site.process(), site.process()
    order: list[int] = []

    async def asks(limits: ProviderLimits, workspace: int) -> None:
        recorder.set_workspace(workspace)
        async with limits.lease(1):
            await asyncio.sleep(0.03)
            order.append(workspace)

    async def later() -> None:
        await asyncio.sleep(0.05)
        await asyncio.gather(*(asks(quiet, 2) for _ in range(3)))

    await asyncio.gather(*(asks(busy, 1) for _ in range(20)), later())
    third = [place for place, workspace in enumerate(order) if workspace == 2][2]
    assert third < 10
    await closed(busy, quiet)


async def test_requests_a_minute_are_kept(redis: str) -> None:
    site = Site("counted", a_minute=5)
    limits = site.process()
    await asyncio.gather(*(site.call(limits, 0) for _ in range(5)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(site.call(limits, 0), 0.5)
    await closed(limits)


async def test_tokens_a_minute_are_kept(redis: str) -> None:
    rules = Rules("weighed", "extract", 8, tokens_per_minute=1000)
    limits = ProviderLimits(rules)
    async with limits.lease(900) as lease:
        lease.more_tokens = 50
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), limits.lease(200):
            pass
    await closed(limits)


async def test_a_cancelled_request_gives_its_lease_back(redis: str) -> None:
    site = Site("cancelled", at_once=1)
    limits = site.process()
    held = asyncio.create_task(site.call(limits, 10))
    await asyncio.sleep(0.1)
    held.cancel()
    await asyncio.wait([held])
    await asyncio.wait_for(site.call(limits, 0), 1)
    await closed(limits)


async def test_a_request_may_end_while_its_lease_is_being_prolonged(
    redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "RENEW_SECONDS", 0.0)
    site = Site("prolonged", at_once=100)
    limits = site.process()
    async with asyncio.timeout(30):
        await asyncio.gather(*(site.call(limits, n / 1000) for n in range(100)))
    assert site.inside == 0
    await closed(limits)


async def test_without_redis_everything_goes_on(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    site = Site("alone")
    limits = site.process()
    await asyncio.gather(*(site.call(limits, 0.01) for _ in range(4)))
    assert site.most == 4
    await closed(limits)
