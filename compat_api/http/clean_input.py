"""Request bodies and parameters without what PostgreSQL and UTF-8 cannot hold."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
IS_JSON = re.compile(r"application/([^\s;]+\+)?json", re.IGNORECASE)


def clean_text(text: str) -> str:
    """NUL is dropped, a lone surrogate becomes U+FFFD."""
    if not UNSTORABLE.search(text):
        return text
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "�", text)


def clean(value: Any) -> Any:
    """The same JSON value, every string and key in it cleaned."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): clean(item) for key, item in value.items()}
    return value


class NotAnObject(json.JSONDecodeError):
    """The body is a value of another kind: `found`."""

    def __init__(self, found: Any) -> None:
        super().__init__("Expecting an object", "", 0)
        self.found = found


class CleaningParser(Parser):
    """django-ninja's parser, for every dialect."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON body; raises NotAnObject, json.JSONDecodeError or UnicodeDecodeError.

        django-ninja reads fields off whatever it is given, and would take a number for an
        object that leaves out all of them.
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
        """Query and form parameters; files pass as they are."""
        fields: dict[str, Any] = clean(
            super().parse_querydict(data, list_fields, request)
        )
        return fields


class LightRAGParser(CleaningParser):
    """Takes a body for JSON only where its Content-Type says so, as LightRAG 1.5.7.

    A page of another origin may send text or nothing at all as the type without asking
    the browser first, so an open server at home would do what any page tells it to.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        """As CleaningParser; what is not said to be JSON is a text, so NotAnObject."""
        if not IS_JSON.fullmatch(request.content_type or ""):
            raise NotAnObject(clean_text(request.body.decode(errors="replace")))
        return super().parse_body(request)

    def parse_querydict(
        self,
        data: MultiValueDict[str, Any],
        list_fields: list[str],
        request: HttpRequest,
    ) -> dict[str, Any]:
        """As CleaningParser; a form's field that is left blank is missing."""
        fields = super().parse_querydict(data, list_fields, request)
        if data is not request.POST:
            return fields
        return {name: value for name, value in fields.items() if value != ""}
