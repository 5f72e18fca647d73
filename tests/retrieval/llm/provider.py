"""A small HTTP server in the place of a model's provider: real sockets, scripted words."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says: JSON, text, or lines one by one (a stream)."""

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0

    @property
    def parts(self) -> Sequence[str]:
        if isinstance(self.body, list):
            return self.body
        return [self.body if isinstance(self.body, str) else json.dumps(self.body)]


class Provider(ThreadingHTTPServer):
    """Answers by `respond`, or by `answers` one after the other, the last for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.answers: list[Answer] = []
        self.respond: Callable[[Asked], Answer] = self._next
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def receive(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            return self.respond(asked)

    def _next(self, asked: Asked) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: Provider
    disable_nagle_algorithm = True  # else an answer's second part waits 40 ms

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(self.rfile.read(size) or "{}")
        answer = self.server.receive(Asked(self.path, headers, body))
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
        for part in answer.parts:
            self.wfile.write(part.encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""
