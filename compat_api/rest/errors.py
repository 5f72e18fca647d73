"""Errors of the resource API: the status and REST framework's body of each exception.

The body is `{"detail": …}`, or `{"<field>": ["…"]}` for an invalid value. Views only raise.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import (
    APIException,
    NotFound,
    ParseError,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import exception_handler

from compat_api.auth.callers import Refused
from compat_api.http import errors
from documents import errors as document_errors
from documents.workspaces.lookup import UnknownWorkspace
from graph import errors as graph_errors

logger = logging.getLogger(__name__)

STATUSES: Mapping[type[Exception], int] = {
    UnknownWorkspace: 404,
    document_errors.UnknownDocument: 404,
    document_errors.NameTaken: 409,
    document_errors.TooLarge: 413,
    document_errors.AtCapacity: 429,
    document_errors.UnsupportedType: 415,
    document_errors.DocumentError: 400,
    graph_errors.EntityExists: 409,
    graph_errors.RelationExists: 409,
    graph_errors.GraphError: 400,
    MultiPartParserError: 400,
    UnreadablePostError: 400,
    SuspiciousOperation: 400,
}
"""Most specific class first."""
FRAMEWORK_ERRORS = (APIException, Http404, PermissionDenied)
"""Errors that REST framework's own handler answers."""
FIELDS = {"entity_name": "name", "entity_to_change_into": "name"}
"""Fields of this API by the names of LightRAG, which the errors contain."""


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an error with REST framework's handler."""
    return exception_handler(as_api_exception(error, context), context)


def as_api_exception(error: Exception, context: dict[str, Any]) -> Exception:
    """Return the error as an exception that REST framework knows."""
    if isinstance(error, graph_errors.InvalidEdit):
        return ValidationError({FIELDS.get(error.field, error.field): [str(error)]})
    if isinstance(error, document_errors.InvalidTags):
        return ValidationError({"tags": [str(error)]})
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            return of_status(status, str(error), getattr(error, "retry_after", None))
    if isinstance(error, Refused):
        return of_status(error.status, error.detail)
    if isinstance(error, OperationalError):
        logger.error("The database failed: %s", error)
        return of_status(503, errors.DATABASE_UNAVAILABLE)
    return error if isinstance(error, FRAMEWORK_ERRORS) else unexpected(error, context)


def of_status(status: int, message: str, wait: int | None = None) -> APIException:
    """Return an APIException with this status; `wait` (seconds) becomes Retry-After."""
    error = {400: ParseError, 404: NotFound}.get(status, APIException)(message)
    error.status_code = status
    if wait:
        error.wait = wait  # type: ignore[attr-defined]  # read by REST framework
    return error


def unexpected(error: Exception, context: dict[str, Any]) -> APIException:
    """Log the error; return 500 with the id of the log entry."""
    request = context["request"]
    where = f"at {request.method} {request.path}"
    return of_status(500, errors.log_unexpected(where, error))
