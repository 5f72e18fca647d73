"""Every error that reaches a LightRAG client, and the status and body it gets.

The one place for this dialect: views and what they call only raise.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from compat_api.auth.callers import Refused, TooMany
from compat_api.http import errors, validation_errors
from documents import errors as document_errors
from documents.intake.scan_tasks import UnknownScan
from documents.lifecycle.workspace_lifecycle import WorkspaceError
from documents.workspaces.lookup import UnknownWorkspace
from graph import errors as graph_errors
from graph.age import errors as age_errors
from retrieval.llm import errors as llm

logger = logging.getLogger(__name__)

DATA_ROUTE = "lightrag:query_data"
"""This operation has its own form of validation errors."""
SIMPLE_STATUSES: Mapping[type[Exception], int] = {
    MultiPartParserError: 400,
    SuspiciousOperation: 400,
    UnreadablePostError: 400,
    UnknownWorkspace: 404,
    UnknownScan: 404,
    WorkspaceError: 409,
    document_errors.DocumentError: 400,
    document_errors.NameTaken: 409,
    document_errors.AtCapacity: 429,
    document_errors.UnknownDocument: 404,
    document_errors.TooLarge: 413,
    document_errors.InvalidChunking: 422,
    document_errors.InvalidTags: 422,
    graph_errors.GraphError: 400,
    age_errors.CypherTimeout: 408,
    age_errors.CypherUnavailable: 501,
}
"""django-ninja looks an exception up by its nearest class."""


def install(api: NinjaAPI) -> None:
    """Answer all of them on this API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(llm.LLMError, on_llm_error)
    api.add_exception_handler(graph_errors.UnknownEntity, on_unknown_entity)
    api.add_exception_handler(graph_errors.UnknownRelation, on_unknown_relation)
    api.add_exception_handler(OperationalError, on_database_gone)
    api.add_exception_handler(Exception, on_unexpected)
    for error, status in SIMPLE_STATUSES.items():
        api.add_exception_handler(error, Plain(status))


def answer(status: int, detail: Any) -> HttpResponse:
    """LightRAG's body of an error."""
    return JsonResponse({"detail": detail}, status=status)


class Plain:
    """Answers an exception whose message is meant for the caller."""

    def __init__(self, status: int) -> None:
        self.status = status

    def __call__(self, request: HttpRequest, error: Any) -> HttpResponse:
        """The message, with this status, and when to come again if that is known."""
        response = answer(self.status, str(error))
        retry_after = getattr(error, "retry_after", None)
        if retry_after:
            response["Retry-After"] = str(retry_after)
        return response


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """422, and 400 in its own shape for `/query/data`."""
    return invalid(request, error.errors)


def invalid(request: HttpRequest, problems: list[dict[str, Any]]) -> HttpResponse:
    """The answer to a request that is not of the asked shape."""
    if not is_for_data(request):
        return answer(422, problems)
    lines = [f"{' -> '.join(map(str, one['loc']))}: {one['msg']}" for one in problems]
    return no_data(f"Validation error: {'; '.join(lines)}")


def is_for_data(request: HttpRequest) -> bool:
    """Whether a bad request has a shape of its own."""
    match = request.resolver_match
    return match is not None and match.view_name == DATA_ROUTE


def no_data(message: str) -> HttpResponse:
    """400 as `/query/data` has it."""
    body = {"status": "failure", "message": message, "data": {}, "metadata": {}}
    return JsonResponse(body, status=400)


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """What django-ninja found wrong: most of all a body that is no JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        return invalid(request, [validation_errors.json_invalid(error.__cause__)])
    if error.status_code == 400 and is_for_data(request):
        return no_data(error.message)
    return answer(error.status_code, error.message)


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """401, 403 or 429."""
    response = answer(error.status, error.detail)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def on_unknown_entity(request: HttpRequest, error: Any) -> HttpResponse:
    """404 for what was to be deleted, 400 where it is only named, as upstream."""
    if request.method == "DELETE":
        return answer(404, str(error))
    return answer(400, f"{error.role} '{error.name}' does not exist")


def on_unknown_relation(request: HttpRequest, error: Any) -> HttpResponse:
    """404 for what was to be deleted, 400 where it is only named, as upstream."""
    return answer(404 if request.method == "DELETE" else 400, str(error))


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """The provider's own reason: 502, but where another status says more."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(errors.llm_status(error), str(error))
    errors.add_retry_after(response, error)
    return response


def on_database_gone(request: HttpRequest, error: Any) -> HttpResponse:
    """503; what the driver says may name hosts and users, so only the log has it."""
    logger.error("The database failed at %s: %s", request.path_info, error)
    return answer(503, errors.DATABASE_UNAVAILABLE)


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """500 that tells the caller a number, and the log everything."""
    return answer(
        500, errors.log_unexpected(f"at {request.method} {request.path}", error)
    )
