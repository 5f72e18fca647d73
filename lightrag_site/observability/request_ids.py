"""Request ids: the `X-Request-ID` of the request, or a generated one.

The id is in the headers of the response and in every log line of the request.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

HEADER = "X-Request-ID"
current: ContextVar[str] = ContextVar("request_id", default="")
_VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")

View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def of(request: HttpRequest) -> str:
    """Return the id that the client sent, if it is valid, or a new one."""
    request_id = request.headers.get(HEADER, "")
    return request_id if _VALID.fullmatch(request_id) else uuid.uuid4().hex[:12]


@sync_and_async_middleware
def RequestIdMiddleware(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Set the current request id; the outermost Django middleware."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            # No reset: each request has its own task, and its stream outlives this function.
            current.set(of(request))
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            response[HEADER] = current.get()
            return response

        return handle_async

    def handle_sync(request: HttpRequest) -> HttpResponseBase:
        token = current.set(of(request))
        try:
            response = cast("HttpResponseBase", get_response(request))
            response[HEADER] = current.get()
            return response
        finally:
            current.reset(token)

    return handle_sync
