"""How providers are doing, out of the limits that all processes keep in Redis."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from retrieval.llm.limits.shared_limits import PREFIX


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider's: `window` is -1 where no limit was met yet."""

    provider: str
    in_flight: int
    window: float
    paused_seconds: float
    failures: int
    reason: str

    def __str__(self) -> str:
        wait = max(self.paused_seconds, 1)
        return f"{self.provider} is left alone for {wait:.0f} s: {self.reason}"


def left_alone() -> list[ProviderState]:
    """Those that nobody asks for a while, for what they said; none without Redis."""
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
    """All that were asked within a day. Raises redis.RedisError."""
    keys = sorted(client.scan_iter(f"{PREFIX}:*:state"))
    return [_state(client, key) for key in keys]


def _state(client: Redis, key: bytes) -> ProviderState:
    known = {_text(name): _text(value) for name, value in client.hgetall(key).items()}
    paused = max(float(known.get("until", 0)) - time.time(), 0.0)
    return ProviderState(
        provider=known.get("name", key.decode()),
        in_flight=client.zcount(
            key.removesuffix(b":state") + b":leases", time.time(), "+inf"
        ),
        window=float(known.get("window", -1)),
        paused_seconds=paused,
        failures=int(known.get("failures", 0)),
        reason=known.get("reason", "") if paused else "",
    )


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
