"""A model that streams, in a process of its own: `python -m tests.benchmarks.stream_model`.

Its arguments are a port, seconds to the first token, seconds a token, and tokens. It
speaks OpenAI's API as far as a server needs it, and takes little processor time.
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
TOLD = {
    "id": "chatcmpl-stand-in",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "stand-in",
    "system_fingerprint": "fp_stand_in",
}


@dataclass(frozen=True, slots=True)
class Model:
    """How it speaks; times are seconds."""

    first: float
    token: float
    tokens: int

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One connection, for as many requests as come over it."""
        try:
            while True:
                path, body, last = await asked(reader)
                if path.endswith(b"/embeddings"):
                    writer.write(whole(embeddings(body)))
                elif body.get("stream"):
                    await self.speak(writer)
                else:
                    writer.write(whole(completion()))
                await writer.drain()
                if last:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def speak(self, writer: asyncio.StreamWriter) -> None:
        """A token each `token` seconds by the clock, however late the last was."""
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


async def asked(reader: asyncio.StreamReader) -> tuple[bytes, dict[str, Any], bool]:
    """A request's path and body, and whether it is the connection's last."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:] if line)
    body = await reader.readexactly(int(headers.get(b"content-length", 0)))
    path = lines[0].split(b" ")[1]
    return path, json.loads(body or b"{}"), headers.get(b"connection") == b"close"


def event(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return chunked(b"data: %b\n\n" % json.dumps(TOLD | {"choices": [choice]}).encode())


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def whole(answer: dict[str, Any]) -> bytes:
    body = json.dumps(answer).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def completion() -> dict[str, Any]:
    """What a server asks beside its answers: keywords, entities."""
    found = '{"high_level_keywords": ["radium"], "low_level_keywords": ["radium"]}'
    message = {"role": "assistant", "content": found}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return TOLD | {"object": "chat.completion", "choices": [choice]}


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """The same vector for each text."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    one = {"object": "embedding", "embedding": VECTOR}
    data = [one | {"index": place} for place in range(len(texts))]
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
