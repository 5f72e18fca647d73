"""What goes wrong on a page, told in words and with an honest status: the one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from documents.errors import (
    AtCapacity,
    DocumentError,
    MismatchedType,
    TooLarge,
    UnsupportedType,
)
from documents.workspaces.lookup import UnknownWorkspace
from graph.errors import GraphError

STATUSES: dict[type[Exception], int] = {
    TooLarge: 413,
    AtCapacity: 429,
    UnknownWorkspace: 404,
    DocumentError: 400,
    GraphError: 400,
}
"""The first class that fits counts."""
WORDS: dict[type[Exception], object] = {
    MismatchedType: _("Its content is not what its name says."),
    UnsupportedType: _("Files of this kind cannot be read."),
}
"""In place of what programs are told: a list of all types, say."""


def told(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    *args: Any,
    **values: Any,
) -> HttpResponseBase:
    """The view's answer, or what was wrong with the request."""
    try:
        return view(request, *args, **values)
    except ValidationError as error:
        return JsonResponse({"detail": first_line(error)}, status=422)
    except tuple(STATUSES) as error:
        status = next(s for kind, s in STATUSES.items() if isinstance(error, kind))
        detail = WORDS.get(type(error), error)
        return JsonResponse({"detail": str(detail)}, status=status)


def first_line(error: ValidationError) -> str:
    """The first thing that is wrong, without pydantic's own words around it."""
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
