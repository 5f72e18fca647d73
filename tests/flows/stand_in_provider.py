"""A provider that speaks OpenAI's, Azure's, Ollama's and Jina's protocols by rule."""

from __future__ import annotations

import base64
import json
from typing import Any

from retrieval.llm import bridge, stand_in
from retrieval.llm.base import ChatRequest, JsonSchema, Message
from retrieval.llm.fake import FakeEmbedder
from tests.retrieval.llm.provider import Answer, Asked

KEY = "the-key"
DIMENSIONS = 64


def respond(asked: Asked) -> Answer:
    """An answer in the protocol that the path belongs to; 401 without the key."""
    keys = (asked.headers.get("authorization", ""), asked.headers.get("api-key", ""))
    if KEY not in "".join(keys):
        error = {"message": "Incorrect API key", "code": "invalid_api_key"}
        return Answer({"error": error}, 401)
    path = asked.path.partition("?")[0]
    if path.endswith("/embeddings"):
        return _embeddings(asked.body["input"])
    if path.endswith("/rerank"):
        return _scores(asked.body)
    if path.startswith("/api/chat"):
        return _ollama(asked.body)
    return _openai(asked.body)


def _embeddings(texts: list[str]) -> Answer:
    rows = bridge.run(FakeEmbedder(DIMENSIONS).embed_documents(texts))
    encoded = [base64.b64encode(row.tobytes()).decode() for row in rows]
    data = [{"index": place, "embedding": text} for place, text in enumerate(encoded)]
    return Answer({"object": "list", "model": "hash", "data": data})


def _scores(body: dict[str, Any]) -> Answer:
    wanted = set(stand_in.words(body["query"]))
    scores = [len(wanted.intersection(stand_in.words(d))) for d in body["documents"]]
    results = [{"index": n, "relevance_score": s} for n, s in enumerate(scores)]
    return Answer({"results": results})


def _openai(body: dict[str, Any]) -> Answer:
    schema = body.get("response_format", {}).get("json_schema")
    text = _said(body, schema and JsonSchema(schema["name"], schema["schema"]))
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return Answer({"id": "1", "object": "chat.completion", "choices": [choice]})


def _ollama(body: dict[str, Any]) -> Answer:
    pieces = stand_in.pieces(_said(body, None))
    if not body["stream"]:
        return Answer(_line("".join(pieces), done=True))
    lines = [_line(piece, done=False) for piece in pieces] + [_line("", done=True)]
    return Answer([f"{json.dumps(line)}\n" for line in lines])


def _line(content: str, *, done: bool) -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    return {"model": "qwen", "message": message, "done": done}


def _said(body: dict[str, Any], schema: JsonSchema | None) -> str:
    messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
    return stand_in.answer(ChatRequest(messages, schema))
