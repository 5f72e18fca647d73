"""Body limits: bodies over the limit of their route are refused before they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compat_api.http import body_limit
from compat_api.http.body_limit import BodyLimit, BodyLimitMiddleware
from tests.compat_api.conftest import Configure

UPLOAD_LIMIT = 3 + body_limit.MULTIPART_OVERHEAD


class Exchange:
    """An ASGI request with a body in several messages, and what was sent in response."""

    def __init__(
        self, path: str, messages: list[bytes], length: int | None, method: str = "POST"
    ) -> None:
        headers = [] if length is None else [(b"content-length", b"%d" % length)]
        self.scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": headers,
        }
        self.messages = messages
        self.received = 0
        self.seen_by_application = b""
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        body = self.messages[self.received]
        self.received += 1
        more = self.received < len(self.messages)
        return {"type": "http.request", "body": body, "more_body": more}

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

    async def run(self) -> Exchange:
        limited = BodyLimitMiddleware(self.application)
        await limited(self.scope, self.receive, self.send)
        return self

    @property
    def statuses(self) -> list[int]:
        return [message["status"] for message in self.sent if "status" in message]


async def test_body_with_too_large_content_length_is_discarded(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    exchange = await Exchange("/query", [b"x" * 11], 11).run()
    assert (exchange.statuses, exchange.seen_by_application) == ([413], b"")
    detail = "Request body too large. This endpoint accepts at most 10 bytes."
    assert json.loads(exchange.sent[1]["body"]) == {"detail": detail}


async def test_body_without_content_length_is_cut_off_at_the_limit(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    exchange = await Exchange("/query", [b"x" * 6] * 5, None).run()
    assert exchange.statuses == [413]
    assert exchange.seen_by_application == b"x" * 6


async def test_body_within_the_limit_reaches_the_application(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10)
    exchange = await Exchange("/query", [b"x" * 5, b"y" * 5], None).run()
    assert (exchange.statuses, exchange.seen_by_application) == ([200], b"xxxxxyyyyy")


async def test_larger_body_passes_where_its_route_allows_it(
    configure: Configure,
) -> None:
    configure(max_body_bytes=10, max_text_body_bytes=20)
    exchange = await Exchange("/documents/text", [b"x" * 15], 15).run()
    assert exchange.statuses == [200]


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/query", {"detail"}),
        ("/v1/chat/completions", {"error"}),
        ("/api/chat", {"error", "detail"}),
    ],
)
async def test_error_has_the_form_of_the_dialect(
    path: str, dialect: set[str], configure: Configure
) -> None:
    configure(max_body_bytes=10)
    exchange = await Exchange(path, [b"x" * 11], 11).run()
    assert json.loads(exchange.sent[1]["body"]).keys() == dialect


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/query", 1),
        ("POST", "/documents/text", 2),
        ("POST", "/documents/texts", 2),
        ("PUT", "/documents/doc-082e2a80de83262794b1010f21680642", 2),
        ("POST", "/documents/upload", UPLOAD_LIMIT),
        ("POST", "/webui/upload", UPLOAD_LIMIT),
        ("POST", "/webui/documents/doc-1/version", UPLOAD_LIMIT),
        ("POST", "/resources/workspaces/a/documents/", UPLOAD_LIMIT),
        ("POST", "/resources/workspaces/a/graph.zip", UPLOAD_LIMIT),
        ("PATCH", "/resources/workspaces/a/documents/doc-1/", 1),
        ("POST", "/resources/workspaces/a/entities/", 1),
        ("POST", "/admin/documents/document/add/", 3 * body_limit.ADMIN_UPLOAD_FILES),
        ("POST", "/admin/login/", 1),
        ("POST", "/unknown", 1),
    ],
)
def test_each_route_has_its_limit(
    method: str, path: str, limit: int, configure: Configure
) -> None:
    configure(max_body_bytes=1, max_text_body_bytes=2, max_upload_bytes=3)
    assert body_limit.limit_of(method, path).bytes == limit


def test_zero_means_no_limit(configure: Configure) -> None:
    configure(max_upload_bytes=0)
    assert BodyLimit.UPLOAD.bytes == 0
