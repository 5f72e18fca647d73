"""Checks that the configured databases answer."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from lightrag_site import paths
from lightrag_site.configuration import databases
from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded_postgres, embedded_valkey

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a database that is starting."""


def check(config: LightRAGConfig) -> None:
    """Raise SettingError for the first database that does not answer."""
    data_paths = paths.of(config.server.working_dir)
    if not config.stores.embedded_postgres:
        _check_postgres(config)
    elif not embedded_postgres.answers(data_paths):
        raise _not_started("DATABASE_URL", "PostgreSQL")
    if config.stores.redis_url:
        _check_redis(config.stores.redis_url)
    elif not embedded_valkey.answers(data_paths):
        raise _not_started("REDIS_URL", "Valkey")


def _not_started(setting: str, what: str) -> SettingError:
    return SettingError(
        setting,
        f"not set, and {what} does not run in WORKING_DIR",
        "Set it, or start `lightrag-server --only databases` with this WORKING_DIR",
    )


def _check_postgres(config: LightRAGConfig) -> None:
    database = databases.django_database(config)
    parts: dict[str, Any] = {
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "dbname": database["NAME"],
    }
    extra = {key: value for key, value in database["OPTIONS"].items() if key != "pool"}
    arguments = {key: value for key, value in (parts | extra).items() if value}
    deadline = time.monotonic() + CONNECT_TIMEOUT
    while True:
        try:
            psycopg.connect(**arguments, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
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
        f"cannot connect to PostgreSQL ({reason})",
        "Start it, correct the address, or unset it to use the embedded one",
    )


def _check_redis(url: str) -> None:
    # The supervisor would keep the package in memory.
    import redis

    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise SettingError(
            "REDIS_URL",
            f"cannot connect to Redis ({error})",
            "Start it, correct the address, or unset it to use the embedded one",
        ) from None
    client.close()
