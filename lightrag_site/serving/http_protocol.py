"""uvicorn's HTTP protocol with limits on the time and the size of a request's head."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""Time in which the head of a request must arrive."""
HEAD_BYTES = 64 * 1024
"""Upper bound on the bytes of a head."""
REFUSAL = (
    b"HTTP/1.1 %s\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%s"
)


class HttpProtocol(HttpToolsProtocol):
    """Closes a connection whose next head is late or too long.

    uvicorn has neither limit: it ends only idle connections between two requests.
    """

    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Expect the first head."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of the head and pass them to the parser."""
        if self._timer is None and self._is_between_requests():
            self._expect_head()
        if self._timer is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._timer is not None and self._head_bytes > HEAD_BYTES:
            self._refuse(
                b"431 Request Header Fields Too Large", b"The head is too long."
            )

    def on_headers_complete(self) -> None:
        """Cancel the timeout of the head."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._stop()
        super().connection_lost(exc)

    def _is_between_requests(self) -> bool:
        cycle = getattr(self, "cycle", None)
        return cycle is None or cycle.response_complete

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def _late(self) -> None:
        self._refuse(b"408 Request Timeout", b"The head of the request is late.")

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, status: bytes, message: bytes) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        if self._head_bytes and self._is_between_requests():
            body = b'{"detail": "%s"}' % message
            self.transport.write(REFUSAL % (status, len(body), body))
        self.transport.close()
