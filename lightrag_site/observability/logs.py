"""How the site logs: one line an event, to standard error."""

from __future__ import annotations

import logging
import time
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from documents.pipeline.log_context import subject
from lightrag_site.observability import request_ids


class Known(logging.Filter):
    """Gives each record the ids of the request and the document it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_ids.current.get()
        record.document = getattr(record, "document", "") or subject.get()
        return True


class OneLine(logging.Formatter):
    """`2026-11-23T06:40:12Z INFO documents.pipeline.pipeline message request=1f…`.

    Only a traceback adds lines; what a document's ingestion logs names the document.
    """

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ"
        )
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """A message's own line breaks are escaped, so that nobody can forge a line."""
        line = (
            super()
            .formatMessage(record)
            .rstrip()
            .replace("\r", "\\r")
            .replace("\n", "\\n")
        )
        known = ((name, getattr(record, name, "")) for name in ("document", "request"))
        return " ".join([line, *(f"{name}={value}" for name, value in known if value)])


class Json(JsonFormatter):
    """The same as one JSON object a line: time, level, logger, message, ids, exc_info."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message", "document", "request"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )


FORMATTERS = {"line": OneLine, "json": Json}


def config(level: str, form: str) -> dict[str, Any]:
    """`settings.LOGGING`. Libraries that tell every step are heard when debugging.

    `form` is `line` or `json`.
    """
    chatty = level if level == "DEBUG" else "WARNING"
    quiet = (
        *("httpx", "httpx2", "httpcore", "httpcore2", "openai"),
        *("watchfiles", "celery.beat", "PIL", "mcp.server.streamable_http_manager"),
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"form": {"()": FORMATTERS[form]}},
        "filters": {"known": {"()": Known}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "form",
                "filters": ["known"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.db.backends": {"level": "WARNING"},
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": True},
            "celery.worker.strategy": {"level": chatty},
            "celery.app.trace": {"level": chatty},
            **{name: {"level": chatty} for name in quiet},
        },
    }
