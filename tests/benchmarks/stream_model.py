"""A process that streams tokens as a model does: `python -m tests.benchmarks.stream_model`.

Its arguments are a port, seconds to the first token, seconds per token, and the number
of tokens. It implements the part of OpenAI's API that a server needs and uses little CPU.
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import sys
from dataclasses import dataclass
from typing import Any

import uvloop

VECTOR = base64.b64encode(struct.pack("<64f", 1.0, *[0.0] * 63)).decode()
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
HEAD_FIELDS = {
    "id": "chatcmpl-stand-in",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "stand-in",
    "system_fingerprint": "fp_stand_in",
}


@dataclass(frozen=True, slots=True)
class Model:
    """The timing of the streamed answer, in seconds."""

    first: float
    token: float
    tokens: int

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve the requests of one connection."""
        try:
            while True:
                path, body, last = await read_request(reader)
                if path.endswith(b"/embeddings"):
                    writer.write(json_response(embeddings(body)))
                elif body.get("stream"):
                    await self.stream(writer)
                else:
                    writer.write(json_response(completion()))
                await writer.drain()
                if last:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def stream(self, writer: asyncio.StreamWriter) -> None:
        """Write a token every `token` seconds; a late token does not delay the next."""
        clock = asyncio.get_running_loop()
        writer.write(STREAM_HEAD)
        due = clock.time() + self.first
        for number in range(self.tokens):
            await asyncio.sleep(max(0.0, due - clock.time()))
            if writer.is_closing():
                raise ConnectionResetError
            writer.write(event({"content": f"word{number} "}))
            due += self.token
        writer.write(event({}, "stop") + chunked(b"data: [DONE]\n\n") + b"0\r\n\r\n")


async def read_request(
    reader: asyncio.StreamReader,
) -> tuple[bytes, dict[str, Any], bool]:
    """Return a request's path and body, and whether the connection closes after it."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if line)
    body = await reader.readexactly(int(headers.get(b"content-length", 0)))
    path = lines[0].split(b" ")[1]
    return path, json.loads(body or b"{}"), headers.get(b"connection") == b"close"


def event(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return chunked(
        b"data: %b\n\n" % json.dumps(HEAD_FIELDS | {"choices": [choice]}).encode()
    )


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def json_response(answer: dict[str, Any]) -> bytes:
    body = json.dumps(answer).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def completion() -> dict[str, Any]:
    """Return the answer to requests that are not streamed: keywords."""
    keywords = '{"high_level_keywords": ["radium"], "low_level_keywords": ["radium"]}'
    message = {"role": "assistant", "content": keywords}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return HEAD_FIELDS | {"object": "chat.completion", "choices": [choice]}


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """Return the same vector for each text."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    row = {"object": "embedding", "embedding": VECTOR}
    data = [row | {"index": index} for index in range(len(texts))]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "model": "stand-in", "data": data, "usage": usage}


async def main(port: str, first: str, token: str, tokens: str) -> None:
    model = Model(float(first), float(token), int(tokens))
    server = await asyncio.start_server(
        model.serve, "127.0.0.1", int(port), backlog=2000
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
