"""The dialects by their URL prefixes, for errors that occur before a route is known."""

from __future__ import annotations

import json
from typing import Any

OPENAI_PREFIXES = ("/v1/", "/api/v1/")
OLLAMA_PREFIX = "/api/"


def error_body(path: str, message: str, code: str | None = None) -> dict[str, Any]:
    """Return an error body in the form of the dialect that the path belongs to.

    `code` is sent to OpenAI's clients only.
    """
    if path.startswith(OPENAI_PREFIXES):
        error = {"message": message, "type": "invalid_request_error", "param": None}
        return {"error": error | {"code": code}}
    if path.startswith(OLLAMA_PREFIX):
        return {"error": message, "detail": message}
    return {"detail": message}


HEAD_ERRORS = {
    414: "The path or the query string is too long.",
    431: "A header is too long.",
}


def head_error(path: str, status: int) -> bytes:
    """Return the body of an error that the head of the request causes."""
    return json.dumps(error_body(path, HEAD_ERRORS[status])).encode()
