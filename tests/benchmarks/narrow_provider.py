"""A provider that allows 5 requests at once and 60 a minute, and says 429 beyond."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AT_ONCE = 5
A_MINUTE = 60
LATENCY = 0.3
NOTHING = '{"entities": [], "relationships": []}'


class NarrowProvider(ThreadingHTTPServer):
    """Speaks OpenAI's `/chat/completions`; counts what it answered and refused."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.inside = 0
        self.minute: deque[float] = deque()
        self.answered = 0
        self.refused = {"at once": 0, "a minute": 0}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def admit(self) -> float:
        """0, or the seconds after which to come again."""
        now = time.monotonic()
        with self.lock:
            while self.minute and now - self.minute[0] > 60:
                self.minute.popleft()
            if self.inside >= AT_ONCE:
                self.refused["at once"] += 1
                return 1.0
            if len(self.minute) >= A_MINUTE:
                self.refused["a minute"] += 1
                return 60 - (now - self.minute[0]) + 0.01
            self.minute.append(now)
            self.inside += 1
            return 0.0

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            self.answered += 1


class Handler(BaseHTTPRequestHandler):
    server: NarrowProvider
    disable_nagle_algorithm = True  # else an answer's second part waits 40 ms

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        wait = self.server.admit()
        if wait:
            self.say(429, {"error": {"message": "slow down"}}, wait)
            return
        time.sleep(LATENCY)
        self.server.leave()
        message = {"role": "assistant", "content": NOTHING}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        head = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
        self.say(200, {**head, "choices": [choice], "usage": usage})

    def say(self, status: int, body: object, retry_after: float = 0) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if retry_after:
            self.send_header("Retry-After", f"{retry_after:.2f}")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: thousands of lines."""
