"""What is told of the site, and to whom: `config.ObserveConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

OBSERVE = (
    Setting(
        "LOG_FORMAT",
        "log_format",
        value_types.choice("line", "json"),
        "How a line of the log is written.",
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "otlp_endpoint",
        value_types.TEXT,
        "Where OpenTelemetry spans go, by OTLP over HTTP; none are made without it.",
    ),
    Setting(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "otlp_headers",
        value_types.TEXT,
        "What is sent along: `name=value,name=value`.",
        secret=True,
    ),
    Setting(
        "OTEL_SERVICE_NAME", "service_name", value_types.TEXT, "What the spans call us."
    ),
)
