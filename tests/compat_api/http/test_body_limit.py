"""Bodies over the limit are refused before they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from compat_api.http import body_limit
from compat_api.http.body_limit import BodyLimit

Configure = Callable[..., None]


class Conversation:
    """An ASGI request with a body in pieces, and what came of it."""

    def __init__(self, path: str, pieces: list[bytes], length: int | None) -> None:
        headers = [] if length is None else [(b"content-length", b"%d" % length)]
        self.scope = {"type": "http", "path": path, "headers": headers}
        self.pieces = pieces
        self.taken = 0
        self.seen_by_application = b""
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        piece = self.pieces[self.taken]
        self.taken += 1
        more = self.taken < len(self.pieces)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            self.seen_by_application += message["body"]
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"read"})

    async def run(self) -> Conversation:
        limited = BodyLimit(self.application)
        await limited(self.scope, self.receive, self.send)
        return self

    @property
    def statuses(self) -> list[int]:
        return [one["status"] for one in self.sent if "status" in one]


async def test_a_body_that_says_it_is_too_long_is_never_read(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    talk = await Conversation("/query", [b"x" * 11], 11).run()
    assert (talk.statuses, talk.taken) == ([413], 0)
    detail = "Request body too large. This endpoint accepts at most 10 bytes."
    assert json.loads(talk.sent[1]["body"]) == {"detail": detail}


async def test_a_body_that_does_not_say_its_length_is_stopped_at_the_limit(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    talk = await Conversation("/query", [b"x" * 6] * 5, None).run()
    assert talk.statuses == [413]
    assert (talk.taken, talk.seen_by_application) == (2, b"x" * 6)


async def test_a_body_within_the_limit_reaches_the_application(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    talk = await Conversation("/query", [b"x" * 5, b"y" * 5], None).run()
    assert (talk.statuses, talk.seen_by_application) == ([200], b"xxxxxyyyyy")


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/query", 1),
        ("/documents/text", 2),
        ("/documents/texts", 2),
        ("/documents/doc-082e2a80de83262794b1010f21680642", 2),
        ("/documents/upload", 3 + body_limit.MULTIPART_ROOM),
        ("/resources/workspaces/a/documents/", 3 + body_limit.MULTIPART_ROOM),
        ("/resources/workspaces/a/graph.zip", 3 + body_limit.MULTIPART_ROOM),
        ("/resources/workspaces/a/entities/", 1),
        ("/admin/documents/document/add/", 3 * body_limit.FILES_AT_ONCE),
        ("/admin/login/", 1),
    ],
)
def test_each_route_has_its_limit(path: str, limit: int, configure: Configure) -> None:
    configure(max_body_bytes=1, max_text_body_bytes=2, max_upload_bytes=3)
    assert body_limit.limit_of(path) == limit


def test_no_limit_on_uploads_is_no_limit(configure: Configure) -> None:
    configure(max_upload_bytes=0)
    assert body_limit.limit_of("/documents/upload") == 0
