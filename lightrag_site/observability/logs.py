"""Configuration of logging: one line per event, to standard error."""

from __future__ import annotations

import logging
import time
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from documents.pipeline.log_context import document_id
from lightrag_site.observability import request_ids


class ContextFilter(logging.Filter):
    """Filter that adds the ids of the request and the document to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_ids.current.get()
        record.document = getattr(record, "document", "") or document_id.get()
        return True


class LineFormatter(logging.Formatter):
    """`2026-11-23T06:40:12Z INFO documents.pipeline.pipeline message request=1f…`.

    Only a traceback adds lines.
    """

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"
        )
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Escape line breaks in messages, so that a message cannot forge a line."""
        line = (
            super()
            .formatMessage(record)
            .rstrip()
            .replace("\r", "\\r")
            .replace("\n", "\\n")
        )
        ids = ((name, getattr(record, name, "")) for name in ("document", "request"))
        return " ".join([line, *(f"{name}={value}" for name, value in ids if value)])


class JsonLineFormatter(JsonFormatter):
    """One JSON object per line: time, level, logger, message, ids, exc_info."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message", "document", "request"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )


FORMATTERS = {"line": LineFormatter, "json": JsonLineFormatter}


def config(level: str, form: str) -> dict[str, Any]:
    """Return `settings.LOGGING`; `form` is `line` or `json`.

    Libraries that log every step are only logged at the level DEBUG.
    """
    library_level = level if level == "DEBUG" else "WARNING"
    verbose_loggers = (
        *("httpx", "httpx2", "httpcore", "httpcore2", "openai"),
        *("watchfiles", "celery.beat", "PIL", "mcp.server.streamable_http_manager"),
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"form": {"()": FORMATTERS[form]}},
        "filters": {"context": {"()": ContextFilter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "form",
                "filters": ["context"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.db.backends": {"level": "WARNING"},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": True},
            "celery.worker.strategy": {"level": library_level},
            "celery.app.trace": {"level": library_level},
            **{name: {"level": library_level} for name in verbose_loggers},
        },
    }
