"""A provider that speaks OpenAI's, Azure's, Ollama's and Jina's protocols by rule."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from retrieval.llm import event_loop
from retrieval.llm.base import (
    ChatRequest,
    JsonSchema,
    Message,
    MessageImage,
    Tool,
    ToolCall,
)
from retrieval.llm.testing import stand_in
from retrieval.llm.testing.fake import FakeEmbedder
from tests.retrieval.llm.provider import Answer, ReceivedRequest

KEY = "the-key"
DIMENSIONS = 64
USAGE = {"prompt_tokens": 1234, "completion_tokens": 56, "total_tokens": 1290}


def respond(request: ReceivedRequest) -> Answer:
    """Answer in the protocol of the path; 401 without the key."""
    keys = (
        request.headers.get("authorization", ""),
        request.headers.get("api-key", ""),
    )
    if KEY not in "".join(keys):
        error = {"message": "Incorrect API key", "code": "invalid_api_key"}
        return Answer({"error": error}, 401)
    path = request.path.partition("?")[0]
    if path.endswith("/embeddings"):
        return _embeddings(request.body["input"])
    if path.endswith("/rerank"):
        return _scores(request.body)
    if path.startswith("/api/chat"):
        return _ollama(request.body)
    return _openai(request.body)


def refusing(
    status: int, code: str, message: str, **headers: str
) -> Callable[[ReceivedRequest], Answer]:
    """Return a responder that always sends OpenAI's error."""
    error = {"message": message, "code": code, "type": "invalid_request_error"}
    return lambda _: Answer({"error": error}, status, headers)


def _embeddings(texts: list[str]) -> Answer:
    rows = event_loop.run(FakeEmbedder(DIMENSIONS).embed_documents(texts))
    encoded = [base64.b64encode(row.tobytes()).decode() for row in rows]
    data = [{"index": index, "embedding": text} for index, text in enumerate(encoded)]
    return Answer({"object": "list", "model": "hash", "data": data})


def _scores(body: dict[str, Any]) -> Answer:
    words = set(stand_in.words(body["query"]))
    scores = [len(words.intersection(stand_in.words(d))) for d in body["documents"]]
    results = [{"index": n, "relevance_score": s} for n, s in enumerate(scores)]
    return Answer({"results": results})


def _openai(body: dict[str, Any]) -> Answer:
    request = request_of(body)
    calls = stand_in.tool_calls(request)
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if calls:
        message["tool_calls"] = [
            _call(index, tool_call) for index, tool_call in enumerate(calls)
        ]
    else:
        message["content"] = stand_in.answer(request)
    reason = "tool_calls" if calls else "stop"
    if body.get("stream"):
        return Answer(events(message, reason))
    choice = {"index": 0, "finish_reason": reason, "message": message}
    completion = {"id": "1", "object": "chat.completion", "choices": [choice]}
    return Answer(completion | {"usage": USAGE})


def events(message: dict[str, Any], reason: str) -> list[str]:
    """Return one chunk per word, or one with the tool calls, then the usage."""
    pieces = stand_in.pieces(message["content"] or "")
    deltas = [{"content": piece} for piece in pieces] or [message]
    chunks: list[dict[str, Any]] = [
        {"id": "1", "choices": [{"index": 0, "delta": delta}]} for delta in deltas
    ]
    last = {"index": 0, "delta": {}, "finish_reason": reason}
    chunks += [
        {"id": "1", "choices": [last]},
        {"id": "1", "choices": [], "usage": USAGE},
    ]
    return [*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n"]


def _call(index: int, call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def _ollama(body: dict[str, Any]) -> Answer:
    pieces = stand_in.pieces(answer_text(body))
    if not body["stream"]:
        return Answer(_line("".join(pieces), done=True))
    lines = [_line(piece, done=False) for piece in pieces] + [_line("", done=True)]
    return Answer([f"{json.dumps(line)}\n" for line in lines])


def _line(content: str, *, done: bool) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {"model": "qwen", "message": message, "done": done}


def answer_text(body: dict[str, Any]) -> str:
    return stand_in.answer(request_of(body))


def request_of(body: dict[str, Any]) -> ChatRequest:
    schema = body.get("response_format", {}).get("json_schema")
    return ChatRequest(
        tuple(map(_message, body["messages"])),
        schema and JsonSchema(schema["name"], schema["schema"]),
        {"tool_choice": body.get("tool_choice")},
        tuple(
            Tool(tool["function"]["name"], parameters=tool["function"]["parameters"])
            for tool in body.get("tools") or ()
        ),
    )


def _message(fields: dict[str, Any]) -> Message:
    content = fields["content"] or ""
    if isinstance(content, str):
        return Message(fields["role"], content)
    text = "".join(part.get("text", "") for part in content)
    urls = [part["image_url"]["url"] for part in content if "image_url" in part]
    return Message(fields["role"], text, images=tuple(map(_image, urls)))


def _image(url: str) -> MessageImage:
    head, _, encoded = url.partition(";base64,")
    return MessageImage(base64.b64decode(encoded), head.removeprefix("data:"))
