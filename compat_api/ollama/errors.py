"""Every error that reaches an Ollama client: `error`, and upstream's `detail` beside it.

The one place for this dialect. Statuses are upstream's (docs/lightrag.md A.5).
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

logger = logging.getLogger(__name__)
TOO_LONG = {"string_too_long", "too_long"}


class BadRequest(Exception):
    """The request asks for what is not there."""


def install(api: NinjaAPI) -> None:
    """Answer all of them on this API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(UnknownModel, on_unknown_model)
    api.add_exception_handler(UnknownWorkspace, on_unknown_workspace)
    api.add_exception_handler(BadConversation, on_bad_request)
    api.add_exception_handler(CannotCallTools, on_bad_request)
    api.add_exception_handler(BadRequest, on_bad_request)
    api.add_exception_handler(LLMError, on_llm_error)
    api.add_exception_handler(Exception, on_unexpected)


def answer(status: int, message: str) -> HttpResponse:
    return JsonResponse({"error": message, "detail": message}, status=status)


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """413 for what is too long, else 400."""
    fields = [".".join(str(part) for part in one["loc"][1:]) for one in error.errors]
    if all(one["type"] in TOO_LONG for one in error.errors):
        named = ", ".join(fields)
        return answer(413, f"Request payload exceeds the allowed size ({named}).")
    told = [
        f"{field}: {one['msg']}"
        for field, one in zip(fields, error.errors, strict=True)
    ]
    return answer(400, f"Invalid request body: {'; '.join(told)}")


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """What django-ninja found wrong: most of all a body that is no JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        return answer(400, "Invalid JSON in request body")
    return answer(error.status_code, error.message)


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    response = answer(error.status, error.detail)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def on_unknown_model(request: HttpRequest, error: Any) -> HttpResponse:
    """In Ollama's words: clients look for them."""
    return answer(404, f"model '{error.name}' not found")


def on_unknown_workspace(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(404, str(error))


def on_bad_request(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(400, str(error))


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """The provider's own reason: 502, but where another status says more."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(errors.llm_status(error), str(error))
    errors.add_retry_after(response, error)
    return response


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """500 that tells the caller a number, and the log everything."""
    message = errors.log_unexpected(f"at {request.method} {request.path}", error)
    return answer(500, message)
