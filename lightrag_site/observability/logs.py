"""Logging: one line per event, to standard error, with the id of the request.

The id is the `X-Request-ID` of the request, or a generated one. It is in the headers of
the response and in every log line of the request.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware
from pythonjsonlogger.json import JsonFormatter

from documents.pipeline.log_context import document_id
from retrieval.llm.text_cleaning import redact

if TYPE_CHECKING:  # the supervisor logs without Django's request classes
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

REQUEST_ID_HEADER = "X-Request-ID"
current_request_id: ContextVar[str] = ContextVar("request_id", default="")
_VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")

View = Callable[["HttpRequest"], "HttpResponseBase | Awaitable[HttpResponseBase]"]


class ContextFilter(logging.Filter):
    """Filter that adds the ids of the request and the document to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = current_request_id.get()
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
            redact(super().formatMessage(record))
            .rstrip()
            .replace("\r", "\\r")
            .replace("\n", "\\n")
        )
        ids = ((name, getattr(record, name, "")) for name in ("document", "request"))
        return " ".join([line, *(f"{name}={value}" for name, value in ids if value)])

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the traceback without secrets."""
        return redact(super().formatException(ei))


class JsonLineFormatter(JsonFormatter):
    """One JSON object per line: time, level, logger, message, ids, exc_info."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object without secrets."""
        return redact(super().format(record))

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


def request_id_of(request: HttpRequest) -> str:
    """Return the id that the client sent, if it is valid, or a new one."""
    request_id = request.headers.get(REQUEST_ID_HEADER, "")
    return request_id if _VALID.fullmatch(request_id) else uuid.uuid4().hex[:12]


@sync_and_async_middleware
def RequestIdMiddleware(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Set the id of the current request; the outermost Django middleware."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            # No reset: each request has its own task, and its stream outlives this function.
            current_request_id.set(request_id_of(request))
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            response[REQUEST_ID_HEADER] = current_request_id.get()
            return response

        return handle_async

    def handle_sync(request: HttpRequest) -> HttpResponseBase:
        token = current_request_id.set(request_id_of(request))
        try:
            response = cast("HttpResponseBase", get_response(request))
            response[REQUEST_ID_HEADER] = current_request_id.get()
            return response
        finally:
            current_request_id.reset(token)

    return handle_sync
