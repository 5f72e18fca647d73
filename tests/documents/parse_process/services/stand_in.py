"""HTTP servers that speak the APIs of docling-serve and mineru-api."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Any]


@dataclass
class StandIn:
    """A service whose answers are computed by `answer` from method, path and body."""

    answer: Callable[[str, str, bytes], Reply]
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    url: str = ""

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.requests]


@contextmanager
def serving(answer: Callable[[str, str, bytes], Reply]) -> Iterator[StandIn]:
    """Serve a stand-in on a free port."""
    service = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("transfer-encoding") == "chunked":
                body = b"".join(_chunks(self.rfile))
            service.requests.append((self.command, self.path, body))
            status, value = service.answer(self.command, self.path, body)
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _respond  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _chunks(stream: Any) -> Iterator[bytes]:
    while size := int(stream.readline(), 16):
        yield stream.read(size)
        stream.readline()
    stream.readline()


def docling(result: Any, *statuses: str) -> Callable[[str, str, bytes], Reply]:
    """Return the answers of a docling-serve whose task passes through `statuses`."""
    pending = iter(statuses)

    def answer(method: str, path: str, body: bytes) -> Reply:
        if (method, path) == ("POST", "/v1/convert/file/async"):
            return 200, {"task_id": "t1", "task_status": "pending"}
        if path.startswith("/v1/status/poll/t1"):
            status = next(pending, "success")
            return 200, {"task_id": "t1", "task_status": status}
        if path == "/v1/result/t1":
            return 200, result
        return 404, {"detail": "Not Found"}

    return answer


def mineru(
    result: Any, *, has_tasks: bool = True
) -> Callable[[str, str, bytes], Reply]:
    """Return the answers of a mineru-api; versions before 3 have no tasks."""
    polls = iter(["pending", "processing"])

    def answer(method: str, path: str, body: bytes) -> Reply:
        if (method, path) == ("POST", "/file_parse"):
            return 200, result
        if has_tasks and (method, path) == ("POST", "/tasks"):
            return 202, {"task_id": "t1", "status": "pending"}
        if has_tasks and path == "/tasks/t1":
            return 200, {"task_id": "t1", "status": next(polls, "completed")}
        if has_tasks and path == "/tasks/t1/result":
            return 200, result
        return 404, {"detail": "Not Found"}

    return answer
