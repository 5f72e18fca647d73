"""Django middleware that attributes a request's changes to its caller.

It also adds the caller's new token to the response. If the address of a login form is
locked out, it sets the status 429 and `Retry-After`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from compat_api.auth import callers, tokens
from documents.workspaces import actor

View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


def add_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the new token, or the lockout of a login form, to the response."""
    token = tokens.new_token(request)
    if token:
        response[tokens.RENEWAL_HEADER] = token
    retry_after = getattr(request, "retry_after", 0)
    if retry_after:  # set by LoginForm
        response.status_code = 429
        response["Retry-After"] = str(retry_after)
    return response


@sync_and_async_middleware
def ActorMiddleware(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Set the actor; must come after Django's AuthenticationMiddleware."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            # The actor is not reset: each request is a task of its own, and its
            # stream outlives this function.
            callers.set_actor(request)
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            return add_headers(request, response)

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        token = callers.set_actor(request)
        try:
            response = cast("HttpResponseBase", get_response(request))
            return add_headers(request, response)
        finally:
            actor.reset_provider(token)

    return handle
