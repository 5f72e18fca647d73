"""An HTTP server that replaces a model's provider and sends scripted answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A received request."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: JSON, text, or lines or bytes sent one by one (a stream).

    `delay` and `pause` are the seconds before the response and between its parts.
    """

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    pause: float = 0.0

    @property
    def parts(self) -> Sequence[str | bytes]:
        if isinstance(self.body, list):
            return self.body
        return [self.body if isinstance(self.body, str) else json.dumps(self.body)]


class Provider(ThreadingHTTPServer):
    """A context manager that answers with `respond`, or with `answers` in order; the last one is repeated."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[ReceivedRequest] = []
        self.answers: list[Answer] = []
        self.respond: Callable[[ReceivedRequest], Answer] = self._next
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def receive(self, request: ReceivedRequest) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self.respond(request)

    def _next(self, request: ReceivedRequest) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: Provider
    disable_nagle_algorithm = True  # otherwise the second write waits 40 ms

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(self.rfile.read(size) or "{}")
        answer = self.server.receive(ReceivedRequest(self.path, headers, body))
        time.sleep(answer.delay)
        try:
            self._send(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        is_json = not isinstance(answer.body, list | str)
        kinds = {True: "application/json", False: "text/event-stream"}
        self.send_response(answer.status)
        for name, value in {"Content-Type": kinds[is_json], **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        for number, part in enumerate(answer.parts):
            time.sleep(answer.pause if number else 0)
            self.wfile.write(part if isinstance(part, bytes) else part.encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""
