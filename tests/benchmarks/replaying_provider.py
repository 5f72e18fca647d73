"""A provider that repeats what a real model extracted, and keeps the bill.

What is asked is billed when it is asked, whether or not anybody is there for the answer.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from retrieval.llm import event_loop
from retrieval.llm.base import ChatRequest, JsonSchema, Message
from retrieval.llm.testing import replay_data, stand_in
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.llm.testing.replay_data import PassageIndex

MODEL = "replayed"
DIMENSIONS = 64


class ReplayingProvider(ThreadingHTTPServer):
    """Speaks OpenAI's `/chat/completions`; `bill` counts each passage's extractions.

    `/embeddings` takes no time and is on no bill. `failing`: every third request gets a 500, which is not billed.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, passages: str, latency: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.index: PassageIndex = replay_data.index("", passages)
        self.latency = latency
        self.failing = False
        self.lock = threading.Lock()
        self.requests = 0
        self.bill: Counter[str] = Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def settings(self) -> dict[str, str]:
        """What a server is configured with to ask it."""
        return {
            "LLM_BINDING": "openai",
            "LLM_MODEL": MODEL,
            "LLM_BINDING_HOST": self.url,
            "LLM_BINDING_API_KEY": "key",
        }

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: callers are killed on purpose."""

    def bought_twice(self) -> int:
        """Extractions beyond the first of each passage."""
        return sum(number - 1 for number in self.bill.values())

    def accept(self, request: ChatRequest) -> bool:
        """Whether it is answered; then it is on the bill."""
        with self.lock:
            self.requests += 1
            if self.failing and self.requests % 3 == 0:
                return False
            if request.json_schema:
                self.bill[request.messages[-1].content] += 1
            return True

    def answer(self, request: ChatRequest) -> str:
        if not request.json_schema or request.json_schema.name != "extraction":
            return stand_in.answer(request)
        records: dict[str, list[Any]] = {"entities": [], "relationships": []}
        for passage in self.index.find(stand_in.question(request)):
            for kind in records:
                records[kind] += passage.extraction[kind]
        return json.dumps(records)


class Handler(BaseHTTPRequestHandler):
    server: ReplayingProvider
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer's second part waits 40 ms

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size))
        if self.path.endswith("/embeddings"):
            self.say(200, embedded(body["input"]))
            return
        request = asked(body)
        if not self.server.accept(request):
            self.say(500, {"error": {"message": "every third call fails"}})
            return
        begun = time.monotonic()
        text = self.server.answer(request)
        time.sleep(max(0.0, begun + self.server.latency - time.monotonic()))
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        sent, got = request.chars // 4, len(text) // 4
        usage = {"prompt_tokens": sent, "completion_tokens": got}
        usage["total_tokens"] = sent + got
        head = {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL}
        self.say(200, {**head, "choices": [choice], "usage": usage})

    def say(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: thousands of lines."""


def embedded(texts: list[str]) -> dict[str, Any]:
    """Vectors as OpenAI gives them, in base64."""
    rows = event_loop.run(FakeEmbedder(DIMENSIONS).embed_documents(texts))
    data = [
        {
            "object": "embedding",
            "index": place,
            "embedding": base64.b64encode(row.tobytes()).decode(),
        }
        for place, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "model": "hash", "data": data, "usage": usage}


def asked(body: dict[str, Any]) -> ChatRequest:
    """The request as it was before the binding wrote it as JSON.

    Upstream wants an extraction as JSON without saying of what shape.
    """
    messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
    wanted = body.get("response_format", {})
    if wanted.get("type") == "json_object":
        return ChatRequest(messages, JsonSchema("extraction", {}))
    shape = wanted.get("json_schema")
    schema = JsonSchema(shape["name"], shape["schema"]) if shape else None
    return ChatRequest(messages, schema)
