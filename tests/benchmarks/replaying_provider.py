"""A provider that repeats what a real model extracted and counts what it was paid for.

A request is counted when it arrives, whether or not its client waits for the answer.
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
from retrieval.llm.testing import stand_in
from retrieval.llm.testing.fake import FakeEmbedder
from tests.benchmarks import replay
from tests.benchmarks.passage_index import PassageIndex

MODEL = "replayed"
DIMENSIONS = 64


class ReplayingProvider(ThreadingHTTPServer):
    """A server of OpenAI's `/chat/completions` and `/embeddings`.

    `extractions` counts the extraction requests per prompt. `/embeddings` answers at
    once and is not counted. While `failing` is true, every third request gets a 500,
    which is not counted either.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, index: PassageIndex, latency: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.index = index
        self.latency = latency
        self.failing = False
        self.lock = threading.Lock()
        self.requests = 0
        self.extractions: Counter[str] = Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a server that uses this provider."""
        return {
            "LLM_BINDING": "openai",
            "LLM_MODEL": MODEL,
            "LLM_BINDING_HOST": self.url,
            "LLM_BINDING_API_KEY": "key",
        }

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: clients are killed on purpose."""

    def repeated_extractions(self) -> int:
        """Return the number of extractions beyond the first of each prompt."""
        return sum(number - 1 for number in self.extractions.values())

    def accept(self, request: ChatRequest) -> bool:
        """Count the request; return False if it must fail."""
        with self.lock:
            self.requests += 1
            if self.failing and self.requests % 3 == 0:
                return False
            if request.json_schema:
                self.extractions[request.messages[-1].content] += 1
            return True


class Handler(BaseHTTPRequestHandler):
    server: ReplayingProvider
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise the second write waits 40 ms

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(size))
        if self.path.endswith("/embeddings"):
            self.send_json(200, embeddings(body["input"]))
            return
        request = chat_request(body)
        if not self.server.accept(request):
            self.send_json(500, {"error": {"message": "every third call fails"}})
            return
        started = time.monotonic()
        text = replay.answer(self.server.index, request)
        time.sleep(max(0.0, started + self.server.latency - time.monotonic()))
        sent, received = request.chars // 4, len(text) // 4
        usage = {"prompt_tokens": sent, "completion_tokens": received}
        usage["total_tokens"] = sent + received
        if body.get("stream"):
            self.send_content(200, "text/event-stream", events(text, usage))
        else:
            self.send_json(200, completion(text, usage))

    def send_json(self, status: int, body: object) -> None:
        self.send_content(status, "application/json", json.dumps(body))

    def send_content(self, status: int, media_type: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: there are thousands of requests."""


def completion(text: str, usage: dict[str, int]) -> dict[str, Any]:
    """Return the body of a whole answer."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL}
    return {**head, "choices": [choice], "usage": usage}


def events(text: str, usage: dict[str, int]) -> str:
    """Return the body of a streamed answer, one word per event."""
    choices = [
        [{"index": 0, "delta": {"content": piece}}] for piece in stand_in.pieces(text)
    ]
    choices.append([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    head = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": MODEL}
    chunks: list[dict[str, Any]] = [{**head, "choices": choice} for choice in choices]
    chunks.append({**head, "choices": [], "usage": usage})
    lines = [*map(json.dumps, chunks), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines)


def embeddings(texts: list[str]) -> dict[str, Any]:
    """Return vectors in OpenAI's format, in base64."""
    rows = event_loop.run(FakeEmbedder(DIMENSIONS).embed_documents(texts))
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(row.tobytes()).decode(),
        }
        for index, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "model": "hash", "data": data, "usage": usage}


def chat_request(body: dict[str, Any]) -> ChatRequest:
    """Return the request as it was before the binding wrote it as JSON.

    LightRAG asks for an extraction as JSON without naming its schema.
    """
    messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
    response_format = body.get("response_format", {})
    if response_format.get("type") == "json_object":
        return ChatRequest(messages, JsonSchema("extraction", {}))
    shape = response_format.get("json_schema")
    schema = JsonSchema(shape["name"], shape["schema"]) if shape else None
    return ChatRequest(messages, schema)
