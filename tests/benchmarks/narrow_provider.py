"""A provider that allows 5 concurrent requests and 60 per minute, otherwise sends 429."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_CONCURRENT = 5
PER_MINUTE = 60
LATENCY = 0.3
NO_RECORDS = '{"entities": [], "relationships": []}'


class NarrowProvider(ThreadingHTTPServer):
    """A server of OpenAI's `/chat/completions` that counts answers and refusals."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.in_flight = 0
        self.minute: deque[float] = deque()
        self.answered = 0
        self.refused = {"concurrency": 0, "per minute": 0}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def admit(self) -> float:
        """Return 0 if the request is accepted, else the seconds for Retry-After."""
        now = time.monotonic()
        with self.lock:
            while self.minute and now - self.minute[0] > 60:
                self.minute.popleft()
            if self.in_flight >= MAX_CONCURRENT:
                self.refused["concurrency"] += 1
                return 1.0
            if len(self.minute) >= PER_MINUTE:
                self.refused["per minute"] += 1
                return 60 - (now - self.minute[0]) + 0.01
            self.minute.append(now)
            self.in_flight += 1
            return 0.0

    def leave(self) -> None:
        with self.lock:
            self.in_flight -= 1
            self.answered += 1


class Handler(BaseHTTPRequestHandler):
    server: NarrowProvider
    disable_nagle_algorithm = True  # otherwise the second write waits 40 ms

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        wait = self.server.admit()
        if wait:
            self.send_json(429, {"error": {"message": "slow down"}}, wait)
            return
        time.sleep(LATENCY)
        self.server.leave()
        message = {"role": "assistant", "content": NO_RECORDS}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        head = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
        self.send_json(200, {**head, "choices": [choice], "usage": usage})

    def send_json(self, status: int, body: object, retry_after: float = 0) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if retry_after:
            self.send_header("Retry-After", f"{retry_after:.2f}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: there are hundreds of requests."""
