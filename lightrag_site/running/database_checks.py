"""Databases that are named: whether they answer, told in one line when they do not."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import redis

from lightrag_site import paths
from lightrag_site.configuration import databases
from lightrag_site.configuration.config import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded_postgres, embedded_valkey

PATIENCE = 5.0
"""Seconds a database that is just starting is waited for."""


def check(config: LightRAGConfig) -> None:
    """Raises SettingError for the first that does not answer."""
    here = paths.of(config.server.working_dir)
    if not config.stores.embedded_postgres:
        _check_postgres(config)
    elif not embedded_postgres.answers(here):
        raise _not_started("DATABASE_URL", "PostgreSQL")
    if config.stores.redis_url:
        _check_redis(config.stores.redis_url)
    elif not embedded_valkey.answers(here):
        raise _not_started("REDIS_URL", "Valkey")


def _not_started(setting: str, what: str) -> SettingError:
    return SettingError(
        setting,
        f"it is not set and no {what} runs in WORKING_DIR",
        "Set it, or start `lightrag-server --only databases` there",
    )


def _check_postgres(config: LightRAGConfig) -> None:
    named = databases.django_database(config)
    parts: dict[str, Any] = {
        "host": named["HOST"],
        "port": named["PORT"],
        "user": named["USER"],
        "password": named["PASSWORD"],
        "dbname": named["NAME"],
    }
    extra = {key: value for key, value in named["OPTIONS"].items() if key != "pool"}
    given = {key: value for key, value in (parts | extra).items() if value}
    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(**given, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise _postgres_error(config, error) from None
            time.sleep(0.5)
        else:
            return


def _postgres_error(
    config: LightRAGConfig, error: psycopg.OperationalError
) -> SettingError:
    setting = "DATABASE_URL" if config.stores.database_url else "POSTGRES_HOST"
    reason = str(error).strip().splitlines()[0]
    return SettingError(
        setting,
        f"PostgreSQL cannot be reached ({reason})",
        "Start it, mend the address, or unset it to use the embedded one",
    )


def _check_redis(url: str) -> None:
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise SettingError(
            "REDIS_URL",
            f"Redis cannot be reached ({error})",
            "Start it, mend the address, or unset it to use the embedded one",
        ) from None
    client.close()
