"""The state of each provider, read from the limits in Redis."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from retrieval.llm.limits import redis_scripts
from retrieval.llm.limits.shared_limits import PREFIX, pause_message

FAILURES_OF_PAUSE = 5
"""Failures in a row after which a provider is paused (see `redis_scripts`)."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider's state; `window` is -1 unless its concurrency is reduced."""

    provider: str
    in_flight: int
    window: int
    paused_seconds: float
    failures: int
    reason: str

    def __str__(self) -> str:
        return pause_message(
            self.provider,
            self.paused_seconds,
            self.reason,
            is_down=self.failures >= FAILURES_OF_PAUSE,
        )


def paused() -> list[ProviderState]:
    """Return the providers that get no requests now; an empty list without Redis."""
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )
    try:
        return [state for state in read(client) if state.paused_seconds]
    except (RedisError, OSError):
        return []
    finally:
        client.close()


def read(client: Redis) -> list[ProviderState]:
    """Return all providers used within a day. Raises redis.RedisError."""
    keys = sorted(client.scan_iter(f"{PREFIX}:*:state"))
    return [_state(client, key) for key in keys]


def _state(client: Redis, key: bytes) -> ProviderState:
    fields = {_text(name): _text(value) for name, value in client.hgetall(key).items()}
    paused = max(float(fields.get("until", 0)) - time.time(), 0.0)
    return ProviderState(
        provider=fields.get("name", key.decode()),
        in_flight=client.zcount(
            key.removesuffix(b":state") + b":leases", time.time(), "+inf"
        ),
        window=int(client.eval(redis_scripts.WINDOW, 1, key)),
        paused_seconds=paused,
        failures=int(fields.get("failures", 0)),
        reason=fields.get("reason", "") if paused else "",
    )


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
