"""Responses to exceptions in the views of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from compat_api.conversations.store import ConversationNotFound
from documents.errors import (
    AtCapacity,
    DocumentError,
    MismatchedType,
    TooLarge,
    UnsupportedType,
)
from documents.workspaces.lookup import UnknownWorkspace
from graph.age.errors import CypherBusy
from graph.errors import EntityExists, GraphError

STATUSES: dict[type[Exception], int] = {
    TooLarge: 413,
    AtCapacity: 429,
    UnknownWorkspace: 404,
    ConversationNotFound: 404,
    EntityExists: 409,
    CypherBusy: 429,
    DocumentError: 400,
    GraphError: 400,
}
"""Statuses by class. The first matching class counts, so subclasses come first."""
MESSAGES: dict[type[Exception], Promise] = {
    MismatchedType: _("The content of this file does not match its name."),
    UnsupportedType: _("This file type isn't supported."),
}
"""Messages for users, in place of those that list all types for API clients."""


def handle(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    *args: Any,
    **values: Any,
) -> HttpResponseBase:
    """Call the view and return its response, or one that describes the exception."""
    try:
        return view(request, *args, **values)
    except ValidationError as error:
        return JsonResponse({"detail": first_message(error)}, status=422)
    except tuple(STATUSES) as error:
        status = next(s for cls, s in STATUSES.items() if isinstance(error, cls))
        detail = MESSAGES.get(type(error), error)
        return JsonResponse({"detail": str(detail)}, status=status)


def first_message(error: ValidationError) -> str:
    """Return the message of the first error, without pydantic's prefix."""
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
