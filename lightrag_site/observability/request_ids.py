"""Each request has an id: its own `X-Request-ID`, or one made here.

It is in the answer's headers and in every line that is logged on the request's behalf.
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
_GOOD = re.compile(r"[A-Za-z0-9._-]{1,64}")

View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def of(request: HttpRequest) -> str:
    """The caller's, if it can stand in a log."""
    said = request.headers.get(HEADER, "")
    return said if _GOOD.fullmatch(said) else uuid.uuid4().hex[:12]


@sync_and_async_middleware
def RequestIds(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Django middleware; the outermost."""
    if iscoroutinefunction(get_response):

        async def over_async(request: HttpRequest) -> HttpResponseBase:
            # Each request is a task of its own, and its stream outlives this function.
            current.set(of(request))
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            response[HEADER] = current.get()
            return response

        return over_async

    def over_sync(request: HttpRequest) -> HttpResponseBase:
        token = current.set(of(request))
        try:
            response = cast("HttpResponseBase", get_response(request))
            response[HEADER] = current.get()
            return response
        finally:
            current.reset(token)

    return over_sync
