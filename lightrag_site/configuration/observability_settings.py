"""Settings of logs and traces: `config_classes.ObserveConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

OBSERVE = (
    Setting(
        "LOG_FORMAT",
        "log_format",
        value_types.choice("line", "json"),
        "Format of the log.",
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "otlp_endpoint",
        value_types.TEXT,
        "URL of the collector of OpenTelemetry spans (OTLP over HTTP); empty: no spans.",
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "otlp_headers",
        value_types.TEXT,
        "Headers for the collector: `name=value,name=value`.",
        secret=True,
    ),
    Setting(
        "OTEL_SERVICE_NAME",
        "service_name",
        value_types.TEXT,
        "Service name in the spans.",
    ),
)
