"""Export of OpenTelemetry spans to a collector.

`retrieval.llm.calls.tracing` creates the spans; the ASGI instrumentation creates those of
requests. The extra `telemetry` installs the packages.
"""

from __future__ import annotations

import importlib.util
from typing import Any, cast

from lightrag_site.configuration.config_classes import ObserveConfig
from lightrag_site.errors import SettingError

EXCLUDED_URLS = "health,ready,metrics,static/"
"""Paths of monitoring requests, which get no span."""


def start(observe: ObserveConfig) -> None:
    """Send spans to the configured collector; call it once per process.

    Call it after a fork, which does not copy the sending thread. Raise SettingError if
    the SDK is not installed.
    """
    if not observe.otlp_endpoint:
        return
    if importlib.util.find_spec("opentelemetry.exporter") is None:
        raise SettingError(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "set, but the OpenTelemetry SDK is not installed",
            "Install the extra `telemetry`, or unset it",
        )
    # Imported here because the package is large and optional.
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
    """Parse `name=value,name=value`."""
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def stop() -> None:
    """Send the remaining spans."""
    from opentelemetry import trace

    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown:
        shutdown()


def instrument(application: Any, observe: ObserveConfig) -> Any:
    """Wrap the ASGI application to create a span per request, if configured."""
    if not observe.otlp_endpoint:
        return application
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    return cast("Any", OpenTelemetryMiddleware)(
        application, excluded_urls=EXCLUDED_URLS, exclude_spans=["receive", "send"]
    )
