"""The status and body of every error response of the OpenAI dialect.

The SDK chooses its exception by the status. If a provider rejects the server's key, the
status is 502, because 401 would mean that the caller's key is wrong.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from compat_api.auth.callers import Forbidden, Refused, TooMany
from compat_api.chat.chat_models import UnknownModel
from compat_api.chat.conversation import BadConversation
from compat_api.chat.tool_use import CannotCallTools
from compat_api.http import errors
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.llm import errors as llm
from retrieval.search.params import QuestionTooLong

logger = logging.getLogger(__name__)

INVALID = "invalid_request_error"
SERVER = "server_error"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """The status, `type` and `code` of an error."""

    status: int
    type: str
    code: str | None = None


class BadRequest(Exception):
    """The request asks for something that this server does not support."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class NotStored(Exception):
    """Responses are not stored: send the whole conversation as input."""


LLM_ERROR_KINDS: Mapping[type[llm.LLMError], ErrorKind] = {
    llm.NotConfigured: ErrorKind(503, SERVER, "no_language_model"),
    llm.Overloaded: ErrorKind(503, SERVER, "overloaded"),
    llm.RateLimited: ErrorKind(429, "rate_limit_error", "rate_limit_exceeded"),
    llm.ProviderTimeout: ErrorKind(504, SERVER, "provider_timeout"),
    llm.ContextTooLong: ErrorKind(400, INVALID, "context_length_exceeded"),
    llm.RequestRefused: ErrorKind(400, INVALID, "provider_refused"),
    llm.LLMError: ErrorKind(502, SERVER, "provider_error"),
}
"""The first class that matches applies."""


def install(api: NinjaAPI) -> None:
    """Register the handlers of all errors at the API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(UnknownModel, on_unknown_model)
    api.add_exception_handler(UnknownWorkspace, on_unknown_workspace)
    api.add_exception_handler(BadConversation, on_bad_conversation)
    api.add_exception_handler(QuestionTooLong, on_question_too_long)
    api.add_exception_handler(CannotCallTools, on_no_tools)
    api.add_exception_handler(BadRequest, on_bad_request)
    api.add_exception_handler(NotStored, on_not_stored)
    api.add_exception_handler(llm.LLMError, on_llm_error)
    api.add_exception_handler(Exception, on_unexpected)


def body(message: str, kind: ErrorKind, param: str | None = None) -> dict[str, Any]:
    """Return OpenAI's error object."""
    return {
        "error": {
            "message": message,
            "type": kind.type,
            "param": param,
            "code": kind.code,
        }
    }


def answer(message: str, kind: ErrorKind, param: str | None = None) -> HttpResponse:
    return JsonResponse(body(message, kind, param), status=kind.status)


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 400 with the first invalid field, as OpenAI does."""
    first = error.errors[0]
    param = ".".join(str(part) for part in first["loc"][1:]) or None
    message = f"{param}: {first['msg']}" if param else first["msg"]
    return answer(message, ErrorKind(400, INVALID), param)


def on_question_too_long(request: HttpRequest, error: Any) -> HttpResponse:
    kind = ErrorKind(400, INVALID, "context_length_exceeded")
    return answer(str(error), kind, "messages")


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the error that django-ninja found, usually a body that is not JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        message = f"The body is not valid JSON: {error.__cause__}"
        return answer(message, ErrorKind(400, INVALID))
    return answer(error.message, ErrorKind(error.status_code, INVALID))


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 401 for a missing or wrong key, 403 for a missing permission, or 429."""
    if isinstance(error, Forbidden):
        return answer(error.detail, ErrorKind(403, INVALID, "insufficient_permissions"))
    if isinstance(error, TooMany):
        response = answer(error.detail, LLM_ERROR_KINDS[llm.RateLimited])
        response["Retry-After"] = str(error.retry_after)
        return response
    return answer(error.detail, ErrorKind(401, INVALID, "invalid_api_key"))


def on_unknown_model(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), ErrorKind(404, INVALID, "model_not_found"), "model")


def on_unknown_workspace(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), ErrorKind(404, INVALID, "workspace_not_found"))


def on_bad_conversation(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), ErrorKind(400, INVALID), "messages")


def on_no_tools(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), ErrorKind(400, INVALID, "tools_not_supported"), "tools")


def on_not_stored(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(
        NotStored.__doc__ or "", ErrorKind(404, INVALID, "response_not_found")
    )


def on_bad_request(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), ErrorKind(400, INVALID), error.param)


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the provider's message. A header tells the SDK whether to retry."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(str(error), llm_error_kind(error))
    response["x-should-retry"] = "true" if error.retryable else "false"
    errors.add_retry_after(response, error)
    return response


def llm_error_kind(error: llm.LLMError) -> ErrorKind:
    return next(
        kind
        for error_type, kind in LLM_ERROR_KINDS.items()
        if isinstance(error, error_type)
    )


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Return 500 with an error id; log the error under that id."""
    message = errors.log_unexpected(f"at {request.method} {request.path}", error)
    return answer(message, ErrorKind(500, SERVER))
