"""Content negotiation for responses that are files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class IgnoreAccept(BaseContentNegotiation):
    """Ignore the Accept header: a file has only one type. Errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser for the type of the body."""
        return next(
            (p for p in parsers if request.content_type.startswith(p.media_type)), None
        )

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        first = next(iter(renderers))
        return first, str(first.media_type)
