"""The status and body of every error response of LightRAG's API.

This is the only place that builds them: views and the code they call raise exceptions.
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
"""The route whose validation errors have their own form."""
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
    age_errors.CypherBusy: 429,
    age_errors.CypherUnavailable: 501,
}
"""Errors answered with their message. django-ninja picks the most specific class."""


def install(api: NinjaAPI) -> None:
    """Register the handlers of all errors at the API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(llm.LLMError, on_llm_error)
    api.add_exception_handler(graph_errors.UnknownEntity, on_unknown_entity)
    api.add_exception_handler(graph_errors.UnknownRelation, on_unknown_relation)
    api.add_exception_handler(OperationalError, on_database_error)
    api.add_exception_handler(Exception, on_unexpected)
    for error, status in SIMPLE_STATUSES.items():
        api.add_exception_handler(error, MessageHandler(status))


def answer(status: int, detail: Any) -> HttpResponse:
    """Return an error response with LightRAG's body."""
    return JsonResponse({"detail": detail}, status=status)


class MessageHandler:
    """Error handler that sends the exception's message to the caller."""

    def __init__(self, status: int) -> None:
        self.status = status

    def __call__(self, request: HttpRequest, error: Any) -> HttpResponse:
        """Return the message, and `Retry-After` if the error has `retry_after`."""
        response = answer(self.status, str(error))
        retry_after = getattr(error, "retry_after", None)
        if retry_after:
            response["Retry-After"] = str(retry_after)
        return response


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 422, or for `/query/data` 400 with its own body."""
    return invalid_response(request, error.errors)


def invalid_response(
    request: HttpRequest, problems: list[dict[str, Any]]
) -> HttpResponse:
    """Return the response to a request that failed validation."""
    if not is_data_request(request):
        return answer(422, problems)
    lines = [
        f"{' -> '.join(map(str, problem['loc']))}: {problem['msg']}"
        for problem in problems
    ]
    return data_failure(f"Validation error: {'; '.join(lines)}")


def is_data_request(request: HttpRequest) -> bool:
    """Return whether the request is for the route `/query/data`."""
    match = request.resolver_match
    return match is not None and match.view_name == DATA_ROUTE


def data_failure(message: str) -> HttpResponse:
    """Return 400 with the body of `/query/data`."""
    body = {"status": "failure", "message": message, "data": {}, "metadata": {}}
    return JsonResponse(body, status=400)


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the error that django-ninja found, usually a body that is not JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        return invalid_response(
            request, [validation_errors.json_invalid(error.__cause__)]
        )
    if error.status_code == 400 and is_data_request(request):
        return data_failure(error.message)
    return answer(error.status_code, error.message)


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 401, 403 or 429."""
    response = answer(error.status, error.detail)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def on_unknown_entity(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 404 if the entity was to be deleted, else 400, as LightRAG does."""
    if request.method == "DELETE":
        return answer(404, str(error))
    return answer(400, f"{error.role} '{error.name}' does not exist")


def on_unknown_relation(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 404 if the relation was to be deleted, else 400, as LightRAG does."""
    return answer(404 if request.method == "DELETE" else 400, str(error))


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the provider's message with 502 or a more specific status."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(errors.llm_status(error), str(error))
    errors.add_retry_after(response, error)
    return response


def on_database_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 503.

    The driver's message may name hosts and users, so only the log contains it.
    """
    logger.error("The database failed at %s: %s", request.path_info, error)
    return answer(503, errors.DATABASE_UNAVAILABLE)


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 500 with an error id; log the error under that id."""
    return answer(
        500, errors.log_unexpected(f"at {request.method} {request.path}", error)
    )
