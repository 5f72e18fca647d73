"""OpenTelemetry: where spans go, if anybody named a place.

The spans themselves are made by `retrieval.llm.calls.tracing`; a request's own is the ASGI
instrumentation's. The packages come with the extra `telemetry`.
"""

from __future__ import annotations

import importlib.util
from typing import Any, cast

from lightrag_site.configuration.config import ObserveConfig
from lightrag_site.errors import SettingError

UNWATCHED = "health,ready,metrics,static/"
"""Requests of machines that watch us."""


def start(observe: ObserveConfig) -> None:
    """Send spans to the configured collector from now on; call it once a process.

    After a fork, for the thread that sends does not come along. Raises SettingError.
    """
    if not observe.otlp_endpoint:
        return
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "it is set, but OpenTelemetry's SDK is not installed",
            "Install the extra `telemetry`, or take it out",
        )
    # Heavy, and optional.
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": observe.service_name})
    exporter = OTLPSpanExporter(
        endpoint=f"{observe.otlp_endpoint.rstrip('/')}/v1/traces",
        headers=headers(observe.otlp_headers),
    )
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def headers(text: str) -> dict[str, str]:
    """`name=value,name=value` by name."""
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def stop() -> None:
    """Send what has not been sent."""
    from opentelemetry import trace

    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown:
        shutdown()


def watched(application: Any, observe: ObserveConfig) -> Any:
    """The ASGI application with a span for each request, where spans go anywhere."""
    if not observe.otlp_endpoint:
        return application
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return cast("Any", OpenTelemetryMiddleware)(
        application, excluded_urls=UNWATCHED, exclude_spans=["receive", "send"]
    )
