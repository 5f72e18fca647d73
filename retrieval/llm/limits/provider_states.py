"""The state of each provider, read from the limits in Redis."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext
from redis import Redis
from redis.exceptions import RedisError

from retrieval.llm.limits import slot_scripts
from retrieval.llm.limits.provider_limits import PREFIX, pause_message

FAILURES_OF_PAUSE = 5
"""Failures in a row after which a provider is paused (see `slot_scripts`)."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider's state; `window` is -1 unless its concurrency is reduced.

    `reason` is the cause of the pause or of the last failure, `rejected` the provider's
    words if it does not accept the key.
    """

    provider: str
    in_flight: int
    window: int
    paused_seconds: float
    failures: int
    reason: str
    rejected: str = ""

    def __str__(self) -> str:
        if self.rejected:
            return f"{self.provider} rejects the API key: {self.rejected}"
        return pause_message(
            self.provider,
            self.paused_seconds,
            self.reason,
            is_down=self.is_down,
        )

    @property
    def is_down(self) -> bool:
        """Whether the provider is paused because requests failed, not by its limits."""
        return self.failures >= FAILURES_OF_PAUSE

    @property
    def wait_message(self) -> str:
        """A sentence for users whose documents or questions wait for this provider.

        Pages show it in the user's language; APIs return it in English.
        """
        if self.rejected:
            return gettext(
                "%(provider)s rejects the API key. Correct the setting of its key "
                "(LLM_BINDING_API_KEY, EMBEDDING_BINDING_API_KEY, …) and restart the "
                "server."
            ) % {"provider": self.provider}
        if self.is_down:
            message = gettext(
                "Waiting for the model: it can't be reached. Next try in %(seconds)s s"
            )
        else:
            message = gettext(
                "Waiting for the model: it accepts no requests now. "
                "Next try in %(seconds)s s"
            )
        return message % {"seconds": f"{max(self.paused_seconds, 1):.0f}"}


def paused() -> list[ProviderState]:
    """Return the providers that get no requests now, or reject the key.

    The list is empty without Redis.
    """
    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )
    try:
        states = read(client)
    except (RedisError, OSError):
        return []
    finally:
        client.close()
    return [state for state in states if state.paused_seconds or state.rejected]


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
        window=int(client.eval(slot_scripts.WINDOW, 1, key)),
        paused_seconds=paused,
        failures=int(fields.get("failures", 0)),
        reason=fields.get("reason", "") if paused else "",
        rejected=fields.get("rejected", ""),
    )


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
