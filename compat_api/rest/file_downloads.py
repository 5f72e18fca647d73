"""Answers that are files, whatever form of an answer the client says it accepts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class WhateverIsAccepted(BaseContentNegotiation):
    """A file has one type; `Accept` is for answers that have several. Errors are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The one for the body's type."""
        return next(
            (p for p in parsers if request.content_type.startswith(p.media_type)), None
        )

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The first."""
        first = next(iter(renderers))
        return first, str(first.media_type)
