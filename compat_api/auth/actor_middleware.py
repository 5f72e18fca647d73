"""Django middleware: what a request changes is put down to whoever makes it.

The answer carries the caller's new token, if there is one, and a locked login page the
time to wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from compat_api.auth import callers, token_renewal
from documents.workspaces import actor

View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def completed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response, with the token that was made anew meanwhile, or the time to wait."""
    token = token_renewal.offered(request)
    if token:
        response[token_renewal.HEADER] = token
    retry_after = getattr(request, "retry_after", 0)
    if retry_after:  # a login page that was locked
        response.status_code = 429
        response["Retry-After"] = str(retry_after)
    return response


@sync_and_async_middleware
def Acting(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """After the authentication of Django's users."""
    if iscoroutinefunction(get_response):

        async def over_async(request: HttpRequest) -> HttpResponseBase:
            # Each request is a task of its own, and its stream outlives this function.
            callers.answer_for(request)
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            return completed(request, response)

        return over_async

    def over_sync(request: HttpRequest) -> HttpResponseBase:
        token = callers.answer_for(request)
        try:
            response = cast("HttpResponseBase", get_response(request))
            return completed(request, response)
        finally:
            actor.forget(token)

    return over_sync
