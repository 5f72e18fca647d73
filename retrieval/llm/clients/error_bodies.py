"""The error in a provider's response, in any of the shapes that providers use.

Some send errors with status 200, so a body is checked wherever an answer is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from retrieval.llm.clients import http_errors
from retrieval.llm.errors import (
    BadCredentials,
    ContextTooLong,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
)

_WRAPPERS = ("error", "Error", "errors", "detail", "Response", "base_resp", "data")
"""Fields that contain the error, or a list of errors."""
_MESSAGES = (
    "message",
    "Message",
    "msg",
    "error_msg",
    "status_msg",
    "error",
    "detail",
    "description",
)
_CODES = ("code", "Code", "type", "status", "error_code", "status_code", "http_status")
_MAX_CHARS = 500
_MAX_DEPTH = 4
_STATUS = re.compile(r"(?<!\d)([45]\d\d)(?!\d)")

_KINDS: tuple[tuple[str, type[LLMError]], ...] = (
    (r"context.?(length|window)", ContextTooLong),
    (r"insufficient.?(quota|balance|funds)|billing|arrear", RequestRefused),
    (r"rate.?limit|too.?many.?request|throttl|quota|exhausted", RateLimited),
    (
        r"auth(?!or\b)|api.?key|credential|permission|forbidden|signature|denied",
        BadCredentials,
    ),
    (r"time.?out|deadline", ProviderTimeout),
    (
        r"invalid|unsupported|not.?found|bad.?request|parameter|validation",
        RequestRefused,
    ),
    (r"overload|unavailable|internal|server|upstream|busy|loading", ProviderDown),
)
"""Words in an error's code, and the error they mean; the first match is used."""


def describe(body: Any) -> tuple[str, str]:
    """Return the code and the message of the error in `body`; "" for what is missing.

    `body` is parsed JSON or text.
    """
    return _describe(body, 0)


def _describe(body: Any, depth: int) -> tuple[str, str]:
    if isinstance(body, str):
        return "", body.strip()[:_MAX_CHARS]
    if isinstance(body, list) and depth < _MAX_DEPTH:
        described = [_describe(item, depth + 1) for item in body[:3]]
        code = next((code for code, _ in described if code), "")
        return code, "; ".join(message for _, message in described if message)[
            :_MAX_CHARS
        ]
    if not isinstance(body, Mapping) or depth >= _MAX_DEPTH:
        return "", ""
    for name in _WRAPPERS:
        if isinstance(body.get(name), dict | list):
            code, message = _describe(body[name], depth + 1)
            if code or message:
                return code or _code(body), message or _message(body)
    return _code(body), _message(body)


def _code(body: Mapping[str, Any]) -> str:
    values = (body.get(name) for name in _CODES)
    return " ".join(str(value) for value in values if isinstance(value, str | int))


def _message(body: Mapping[str, Any]) -> str:
    """Return the message; FastAPI's validation errors also name the field (`loc`)."""
    texts = (body.get(name) for name in _MESSAGES)
    message = next((text for text in texts if isinstance(text, str) and text), "")
    field = ".".join(map(str, body["loc"])) if isinstance(body.get("loc"), list) else ""
    return f"{field}: {message}"[:_MAX_CHARS] if field else message[:_MAX_CHARS]


def has_error(body: Any) -> bool:
    """Return whether a body without an answer reports an error."""
    if isinstance(body, list):
        return bool(body) and has_error(body[0])
    if not isinstance(body, Mapping):
        return False
    return any(body.get(name) for name in ("error", "errors", "Error")) or bool(
        describe(body)[1]
    )


def as_error(body: Any, label: str) -> LLMError:
    """Return our error for one that a provider sent with status 200 or in a stream."""
    code, message = describe(body)
    text = f"{label}: {message or 'the answer was interrupted'}"
    if code:
        text = f"{text} ({code})"
    status = _STATUS.search(code)
    if status:
        return http_errors.from_status(int(status[1]), text)
    for words in (code, message):
        for pattern, kind in _KINDS:
            if words and re.search(pattern, words, re.IGNORECASE):
                return (
                    http_errors.refused(text) if kind is RequestRefused else kind(text)
                )
    return ProviderDown(text)


def parse(text: str) -> Any:
    """Return the JSON value of a response's text, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
