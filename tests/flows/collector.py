"""A collector of OpenTelemetry spans: an HTTP server that receives OTLP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)


@dataclass(frozen=True, slots=True)
class ReceivedSpan:
    """One span: its name, its trace and its attributes as text."""

    name: str
    trace: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Collector:
    """Received spans; `address` is the endpoint of exporters."""

    address: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def names(self) -> set[str]:
        return {span.name for span in self.spans}


@contextmanager
def listening() -> Iterator[Collector]:
    """Start a collector on a free port of this machine."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.keys.add(self.headers.get("X-Key", ""))
            collector.spans += read(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(body: bytes) -> list[ReceivedSpan]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        ReceivedSpan(
            span.name,
            span.trace_id.hex(),
            {
                pair.key: pair.value.string_value or str(pair.value.int_value)
                for pair in span.attributes
            },
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
