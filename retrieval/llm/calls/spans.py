"""Spans of what is done, for whoever watches by OpenTelemetry; nothing without its SDK.

Names and attributes of model calls follow OpenTelemetry's conventions for generative AI,
which Langfuse and others read. What was asked and answered is not told: it may be secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from opentelemetry import trace
from opentelemetry.trace import Span

tracer = trace.get_tracer("lightrag")


def span(
    name: str, attributes: Mapping[str, str | int] | None = None
) -> AbstractContextManager[Span]:
    """A span of what runs inside, below the one that is current; it keeps an exception."""
    return tracer.start_as_current_span(name, attributes=attributes)
