"""Django middleware: what a request changes is put down to whoever makes it.

The answer carries the caller's new token, if there is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from compat_api.access import callers, renewal
from graph import actor

View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def with_new_token(
    request: HttpRequest, response: HttpResponseBase
) -> HttpResponseBase:
    """The response, with the token that was made anew meanwhile."""
    token = renewal.offered(request)
    if token:
        response[renewal.HEADER] = token
    return response


@sync_and_async_middleware
def Acting(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """After the authentication of Django's users."""
    if iscoroutinefunction(get_response):

        async def over_async(request: HttpRequest) -> HttpResponseBase:
            # Each request is a task of its own, and its stream outlives this function.
            callers.answer_for(request)
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            return with_new_token(request, response)

        return over_async

    def over_sync(request: HttpRequest) -> HttpResponseBase:
        token = callers.answer_for(request)
        try:
            response = cast("HttpResponseBase", get_response(request))
            return with_new_token(request, response)
        finally:
            actor.forget(token)

    return over_sync
