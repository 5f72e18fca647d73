"""Every error that reaches an OpenAI client, in the shape its SDK knows.

The one place for this dialect. The SDK makes its exception of the status; a provider
that refuses our key is 502, or callers would look for the fault in theirs.
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

logger = logging.getLogger(__name__)

INVALID = "invalid_request_error"
SERVER = "server_error"


@dataclass(frozen=True, slots=True)
class Shape:
    """How an error is told: status, `type`, `code`."""

    status: int
    type: str
    code: str | None = None


class BadRequest(Exception):
    """The request asks for what is not there."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class NotKept(Exception):
    """Responses are not kept here: send the whole conversation as input."""


LLM_SHAPES: Mapping[type[llm.LLMError], Shape] = {
    llm.NotConfigured: Shape(503, SERVER, "no_language_model"),
    llm.RateLimited: Shape(429, "rate_limit_error", "rate_limit_exceeded"),
    llm.ProviderTimeout: Shape(504, SERVER, "provider_timeout"),
    llm.ContextTooLong: Shape(400, INVALID, "context_length_exceeded"),
    llm.RequestRefused: Shape(400, INVALID, "provider_refused"),
    llm.LLMError: Shape(502, SERVER, "provider_error"),
}
"""The first that fits."""


def install(api: NinjaAPI) -> None:
    """Answer all of them on this API."""
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(UnknownModel, on_unknown_model)
    api.add_exception_handler(UnknownWorkspace, on_unknown_workspace)
    api.add_exception_handler(BadConversation, on_bad_conversation)
    api.add_exception_handler(CannotCallTools, on_no_tools)
    api.add_exception_handler(BadRequest, on_bad_request)
    api.add_exception_handler(NotKept, on_not_kept)
    api.add_exception_handler(llm.LLMError, on_llm_error)
    api.add_exception_handler(Exception, on_unexpected)


def body(message: str, shape: Shape, param: str | None = None) -> dict[str, Any]:
    """OpenAI's error object."""
    return {
        "error": {
            "message": message,
            "type": shape.type,
            "param": param,
            "code": shape.code,
        }
    }


def answer(message: str, shape: Shape, param: str | None = None) -> HttpResponse:
    return JsonResponse(body(message, shape, param), status=shape.status)


def on_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """The first thing that is wrong, as OpenAI tells it."""
    first = error.errors[0]
    param = ".".join(str(part) for part in first["loc"][1:]) or None
    message = f"{param}: {first['msg']}" if param else first["msg"]
    return answer(message, Shape(400, INVALID), param)


def on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """What django-ninja found wrong: most of all a body that is no JSON."""
    if isinstance(error.__cause__, json.JSONDecodeError):
        said = f"The body is not valid JSON: {error.__cause__}"
        return answer(said, Shape(400, INVALID))
    return answer(error.message, Shape(error.status_code, INVALID))


def on_refused(request: HttpRequest, error: Any) -> HttpResponse:
    """401, which is what a missing or wrong key is to OpenAI; 403 for a right
    that lacks; 429."""
    if isinstance(error, Forbidden):
        return answer(error.detail, Shape(403, INVALID, "insufficient_permissions"))
    if isinstance(error, TooMany):
        response = answer(error.detail, LLM_SHAPES[llm.RateLimited])
        response["Retry-After"] = str(error.retry_after)
        return response
    return answer(error.detail, Shape(401, INVALID, "invalid_api_key"))


def on_unknown_model(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), Shape(404, INVALID, "model_not_found"), "model")


def on_unknown_workspace(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), Shape(404, INVALID, "workspace_not_found"))


def on_bad_conversation(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), Shape(400, INVALID), "messages")


def on_no_tools(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), Shape(400, INVALID, "tools_not_supported"), "tools")


def on_not_kept(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(NotKept.__doc__ or "", Shape(404, INVALID, "response_not_found"))


def on_bad_request(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(str(error), Shape(400, INVALID), error.param)


def on_llm_error(request: HttpRequest, error: Any) -> HttpResponse:
    """The provider's own reason. What cannot get better is not to be asked again."""
    logger.warning("A model failed at %s: %s", request.path_info, error)
    response = answer(str(error), llm_shape(error))
    response["x-should-retry"] = "true" if error.retryable else "false"
    errors.add_retry_after(response, error)
    return response


def llm_shape(error: llm.LLMError) -> Shape:
    return next(shape for kind, shape in LLM_SHAPES.items() if isinstance(error, kind))


def on_unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """500 that tells the caller a number, and the log everything."""
    message = errors.log_unexpected(f"at {request.method} {request.path}", error)
    return answer(message, Shape(500, SERVER))
