"""Connection parameters of PostgreSQL and Redis, configured or embedded."""

from __future__ import annotations

from typing import Any

from psycopg import ProgrammingError, conninfo

from lightrag_site import paths
from lightrag_site.configuration.config_classes import LightRAGConfig, StoreConfig
from lightrag_site.errors import SettingError

EMBEDDED_DATABASE = "lightrag"
EMBEDDED_USER = "lightrag"
"""Owner of the embedded database; not a superuser."""
EMBEDDED_SUPERUSER = "postgres"
DEFAULT_USER = "postgres"
"""User of a configured PostgreSQL without POSTGRES_USER, as in LightRAG."""


def django_database(config: LightRAGConfig) -> dict[str, Any]:
    """Return `settings.DATABASES["default"]`."""
    stores = config.stores
    if stores.database_url:
        parameters = _from_url(stores.database_url)
    elif stores.embedded_postgres:
        parameters = _embedded(config)
    else:
        parameters = _from_parts(stores)
    parameters["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": stores.max_connections,
        "timeout": 30,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        **parameters,
    }


def redis_url(config: LightRAGConfig) -> str:
    """Return the URL for redis-py; `unix://…` for the embedded server."""
    socket = paths.of(config.server.working_dir).valkey_socket
    return config.stores.redis_url or f"unix://{socket}"


def broker_url(config: LightRAGConfig) -> str:
    """Return the URL for Celery, which uses another scheme for sockets."""
    url = redis_url(config)
    if url.startswith("unix://"):
        return "redis+socket://" + url.removeprefix("unix://")
    return url


def _embedded(config: LightRAGConfig) -> dict[str, Any]:
    return {
        "NAME": EMBEDDED_DATABASE,
        "USER": EMBEDDED_USER,
        "PASSWORD": "",
        "HOST": str(paths.of(config.server.working_dir).postgres_socket_dir),
        "PORT": "",
        "OPTIONS": {},
    }


def _from_parts(stores: StoreConfig) -> dict[str, Any]:
    ssl = {
        "sslmode": stores.postgres_ssl_mode,
        "sslcert": stores.postgres_ssl_cert,
        "sslkey": stores.postgres_ssl_key,
        "sslrootcert": stores.postgres_ssl_root_cert,
    }
    return {
        "NAME": stores.postgres_database or EMBEDDED_DATABASE,
        "USER": stores.postgres_user or DEFAULT_USER,
        "PASSWORD": stores.postgres_password,
        "HOST": stores.postgres_host or "localhost",
        "PORT": str(stores.postgres_port),
        "OPTIONS": {name: value for name, value in ssl.items() if value},
    }


def _from_url(url: str) -> dict[str, Any]:
    try:
        parts = conninfo.conninfo_to_dict(
            url.replace("postgres://", "postgresql://", 1)
        )
    except ProgrammingError as error:
        raise SettingError(
            "DATABASE_URL",
            "not a URL of PostgreSQL",
            "Write it as postgresql://user:password@host:5432/name",
        ) from error
    parameters = {
        key: str(parts.pop(name, "") or "")
        for key, name in (
            ("NAME", "dbname"),
            ("USER", "user"),
            ("PASSWORD", "password"),
            ("HOST", "host"),
            ("PORT", "port"),
        )
    }
    return {
        **parameters,
        "NAME": parameters["NAME"] or EMBEDDED_DATABASE,
        "OPTIONS": dict(parts),
    }
