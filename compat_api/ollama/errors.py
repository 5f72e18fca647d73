"""The status and body of every error response of the Ollama dialect.

The body has Ollama's `error` and LightRAG's `detail`. The statuses are LightRAG's
(docs/lightrag.md A.5).
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from compat_api.auth.callers import Refused, TooMany
from compat_api.chat.chat_models import UnknownModel
from compat_api.chat.conversation import BadConversation
from compat_api.chat.tool_use import CannotCallTools
from compat_api.http import errors
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.llm.errors import LLMError
from retrieval.search.params import QuestionTooLong

logger = logging.getLogger(__name__)
TOO_LONG = {"string_too_long", "too_long"}


class BadRequest(Exception):
    """The request asks for something that this server does not support."""


def install(api: NinjaAPI) -> None:
    """Register the handlers of all errors at the API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(UnknownModel, on_unknown_model)
    api.add_exception_handler(UnknownWorkspace, on_unknown_workspace)
    api.add_exception_handler(BadConversation, on_bad_request)
    api.add_exception_handler(CannotCallTools, on_bad_request)
    api.add_exception_handler(QuestionTooLong, on_question_too_long)
    api.add_exception_handler(BadRequest, on_bad_request)
    api.add_exception_handler(LLMError, on_llm_error)
    api.add_exception_handler(Exception, on_unexpected)


def answer(status: int, message: str) -> HttpResponse:
    return JsonResponse({"error": message, "detail": message}, status=status)


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 413 if all errors are about length, else 400."""
    fields = [
        ".".join(str(part) for part in problem["loc"][1:]) for problem in error.errors
    ]
    if all(problem["type"] in TOO_LONG for problem in error.errors):
        names = ", ".join(
            f"{field}: at most {problem['ctx']['max_length']}"
            for field, problem in zip(fields, error.errors, strict=True)
        )
        return answer(413, f"Request payload exceeds the allowed size ({names}).")
    messages = [
        f"{field}: {problem['msg']}"
        for field, problem in zip(fields, error.errors, strict=True)
    ]
    return answer(400, f"Invalid request body: {'; '.join(messages)}")


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the error that django-ninja found, usually a body that is not JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        return answer(400, "Invalid JSON in request body")
    return answer(error.status_code, error.message)


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    response = answer(error.status, error.detail)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def on_unknown_model(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 404 with Ollama's message, which clients recognise."""
    return answer(404, f"model '{error.name}' not found")


def on_unknown_workspace(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(404, str(error))


def on_bad_request(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(400, str(error))


def on_question_too_long(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(413, str(error))


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the provider's message with 502 or a more specific status."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(errors.llm_status(error), str(error))
    errors.add_retry_after(response, error)
    return response


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 500 with an error id; log the error under that id."""
    message = errors.log_unexpected(f"at {request.method} {request.path}", error)
    return answer(500, message)
