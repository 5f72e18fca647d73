"""The worker's side: sends a document to a child process and receives its chunks."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from functools import cache

from django.conf import settings

from documents import errors, parse_process
from documents.chunking import Embed
from documents.errors import DocumentError, ParserFailed
from documents.ocr.messages import Recognize
from documents.parse_process import messages
from documents.parse_process.messages import (
    FAILURE,
    PAGES,
    REQUEST,
    RESULT,
    SCANS,
    TEXTS,
    VECTORS,
    Kind,
    MessageTooLong,
    Request,
    Result,
)
from documents.parse_process.server import EXIT_CODE

logger = logging.getLogger(__name__)


ATTEMPTS = 5
"""Fork servers that one document may try: the system may kill them to free memory."""


class ServerEnded(Exception):
    """The fork server ended before it started the process."""


class ForkServer:
    """The fork server that this process uses: that of the supervisor, or its own.

    It is started at the first document.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def send(self, connection: socket.socket, exit_pipe: int) -> None:
        """Start a process with these descriptors. Raises ServerEnded."""
        with self._lock:
            try:
                control = self._control or self._open()
                socket.send_fds(control, [b"\0"], [connection.fileno(), exit_pipe])
            except OSError as error:
                raise ServerEnded from error

    def stop(self) -> None:
        """End the connection, and the server if it is this process's own.

        The next document connects again.
        """
        with self._lock:
            if self._control is not None:
                self._control.close()
                self._control = None
            if self._process is not None:
                self._process.wait()
                self._process = None

    def _open(self) -> socket.socket:
        """Connect to the supervisor's fork server, or start one. Raises OSError."""
        if settings.PARSE_SERVER:
            self._control = socket.socket(socket.AF_UNIX)
            self._control.connect(settings.PARSE_SERVER)
            return self._control
        self._control, server_end = socket.socketpair()
        with server_end:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                parse_process.command(0),
                stdin=server_end.fileno(),
                stdout=subprocess.DEVNULL,
                env=parse_process.ENVIRONMENT,
            )
        atexit.register(self.stop)
        return self._control


@cache
def server_of(pid: int) -> ForkServer:
    """Return the fork server of the process `pid`: one that was forked has its own."""
    return ForkServer()


class ParseCall:
    """One document in a process of its own."""

    def __init__(self, request: Request, embed: Embed, ocr: Recognize) -> None:
        self._request = request
        self._embed = embed
        self._ocr = ocr
        self._connection: socket.socket | None = None
        self._stopped = False

    def run(self) -> Result:
        """Return the chunks; block until then. Raises DocumentError."""
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ServerEnded):
                return self._run(server_of(os.getpid()))
            server_of(os.getpid()).stop()  # it had ended; use another
        raise ParserFailed(f"The process that parses '{self._request.name}' ended.")

    def stop(self) -> None:
        """Kill the process; `run`, in another thread, raises ParserFailed."""
        self._stopped = True
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _run(self, server: ForkServer) -> Result:
        connection, child_end = socket.socketpair()
        exit_read, exit_write = os.pipe()
        with connection, os.fdopen(exit_read, "rb") as exit_pipe:
            try:
                with child_end:
                    server.send(child_end, exit_write)
            finally:
                os.close(exit_write)
            self._connection = connection
            if self._stopped:
                raise self._crash(b"")
            try:
                return self._converse(connection)
            except (EOFError, BrokenPipeError, ConnectionResetError) as error:
                connection.close()  # the server kills the process, if it still runs
                raise self._crash(exit_pipe.read(EXIT_CODE.size)) from error

    def _converse(self, connection: socket.socket) -> Result:
        """Send the request, answer requests for vectors and OCR, return the result."""
        limits = self._request.limits
        deadline = time.monotonic() + limits.seconds
        body = REQUEST.dump_json(self._request)
        messages.send(connection, Kind.REQUEST, body)
        while True:
            kind, body = self._receive(connection, deadline)
            if kind not in (Kind.TEXTS, Kind.SCANS):
                return self._result(kind, body)
            started = time.monotonic()
            answer = self._vectors(body) if kind is Kind.TEXTS else self._pages(body)
            deadline += time.monotonic() - started
            connection.settimeout(None)
            messages.send(connection, *answer)

    def _vectors(self, body: bytes) -> tuple[Kind, bytes]:
        rows = [list(row) for row in self._embed(TEXTS.validate_json(body))]
        return Kind.VECTORS, VECTORS.dump_json(rows)

    def _pages(self, body: bytes) -> tuple[Kind, bytes]:
        return Kind.PAGES, PAGES.dump_json(list(self._ocr(SCANS.validate_json(body))))

    def _receive(
        self, connection: socket.socket, deadline: float
    ) -> tuple[Kind, bytes]:
        name, limits = self._request.name, self._request.limits
        try:
            return messages.receive(connection, limits.message_bytes, deadline)
        except TimeoutError as error:
            raise ParserFailed(_too_slow(name, limits.seconds)) from error
        except MessageTooLong as error:
            raise ParserFailed(f"Parsing '{name}' produced too much text.") from error

    def _result(self, kind: Kind, body: bytes) -> Result:
        if kind is Kind.RESULT:
            return RESULT.validate_json(body)
        failure = FAILURE.validate_json(body)
        error = getattr(errors, failure.error, ParserFailed)
        if not issubclass(error, DocumentError):
            error = ParserFailed
        raise error(failure.message)

    def _crash(self, exit_code: bytes) -> Exception:
        """Return the error for a process that ended without an answer."""
        name, limits = self._request.name, self._request.limits
        if self._stopped:
            return ParserFailed(f"Parsing '{name}' was stopped.")
        if not exit_code:
            return ServerEnded()
        (code,) = EXIT_CODE.unpack(exit_code)
        if code == -signal.SIGXCPU:
            return ParserFailed(_too_slow(name, limits.seconds))
        logger.warning("The parser crashed on %s: exit code %d", name, code)
        return ParserFailed(f"The parser crashed on '{name}' (exit {code}).")


def _too_slow(name: str, seconds: int) -> str:
    return (
        f"Parsing '{name}' took longer than PARSE_TIMEOUT ({seconds} seconds) and was "
        "stopped."
    )
