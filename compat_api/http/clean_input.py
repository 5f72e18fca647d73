"""Parsing of bodies and parameters, without what PostgreSQL and UTF-8 cannot store."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
JSON_TYPE = re.compile(r"application/([^\s;]+\+)?json", re.IGNORECASE)


def clean_text(text: str) -> str:
    """Remove NUL and replace lone surrogates by U+FFFD."""
    if not UNSTORABLE.search(text):
        return text
    return UNSTORABLE.sub(lambda match: "" if match[0] == "\0" else "\ufffd", text)


def clean(value: Any) -> Any:
    """Return a JSON value with every string and key cleaned."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): clean(item) for key, item in value.items()}
    return value


class NotAnObject(json.JSONDecodeError):
    """The body is JSON (`value`), but not an object."""

    def __init__(self, value: Any) -> None:
        super().__init__("Expecting an object", "", 0)
        self.value = value


class CleaningParser(Parser):
    """django-ninja's parser with cleaned input, for every dialect."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the JSON object of the body.

        Raises NotAnObject, json.JSONDecodeError or UnicodeDecodeError. Without this
        check django-ninja treats a number as an object without fields.
        """
        body = super().parse_body(request)
        if not isinstance(body, dict):
            raise NotAnObject(clean(body))
        return clean(body)

    def parse_querydict(
        self,
        data: MultiValueDict[str, Any],
        list_fields: list[str],
        request: HttpRequest,
    ) -> dict[str, Any]:
        """Return query or form parameters; files are not changed."""
        fields: dict[str, Any] = clean(
            super().parse_querydict(data, list_fields, request)
        )
        return fields


class LightRAGParser(CleaningParser):
    """Parser that reads a body as JSON only with a JSON Content-Type, as LightRAG 1.5.7.

    A page of another origin can send text, or a body without a type, without a preflight
    request. Reading that as JSON would let any web page control an open server.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the JSON object; raise NotAnObject for a body of another type."""
        if not JSON_TYPE.fullmatch(request.content_type or ""):
            raise NotAnObject(clean_text(request.body.decode(errors="replace")))
        return super().parse_body(request)

    def parse_querydict(
        self,
        data: MultiValueDict[str, Any],
        list_fields: list[str],
        request: HttpRequest,
    ) -> dict[str, Any]:
        """Return query or form parameters; an empty form field counts as missing."""
        fields = super().parse_querydict(data, list_fields, request)
        if data is not request.POST:
            return fields
        return {name: value for name, value in fields.items() if value != ""}
