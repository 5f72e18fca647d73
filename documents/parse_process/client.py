"""Client of the parse processes: sends a document and receives its chunks."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
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
"""Upper bound on the fork servers that one document tries.

The operating system may kill them to free memory.
"""


MAX_IDLE_SECONDS = messages.IDLE_SECONDS / 2
"""A process that has been idle for longer is not used, because it is about to end."""
MAX_TEXTS = 100
"""Texts that one process parses."""
MAX_SHORT_TEXT = 100_000
"""Characters. A longer text has its own process, because memory that it leaves occupied
would count for the next one."""


class ServerEnded(Exception):
    """The fork server ended before it started the process."""


@dataclass(slots=True)
class Process:
    """A child process: its connection, and the pipe that receives its exit code."""

    connection: socket.socket
    exit_pipe: int
    texts: int = 0
    last_used: float = 0.0

    def is_usable(self) -> bool:
        """Return whether the process waits for another text."""
        if time.monotonic() - self.last_used > MAX_IDLE_SECONDS:
            return False
        return not select.select([self.connection], [], [], 0.0)[0]  # it has not ended

    def exit_code(self) -> bytes:
        """Kill the process if it runs; return its code, or nothing if the server ended."""
        self.connection.close()
        return os.read(self.exit_pipe, EXIT_CODE.size)

    def close(self) -> None:
        """Close both descriptors: the server kills the process if it runs."""
        self.connection.close()
        os.close(self.exit_pipe)


class ForkServer:
    """The fork server that this process uses: that of the supervisor, or its own.

    It is started at the first document.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._idle = list[Process]()

    def start(self) -> Process:
        """Start a process. Raises ServerEnded."""
        connection, child_end = socket.socketpair()
        exit_read, exit_write = os.pipe()
        process = Process(connection, exit_read)
        try:
            with child_end, self._lock:
                control = self._control or self._open()
                socket.send_fds(control, [b"\0"], [child_end.fileno(), exit_write])
        except OSError as error:
            process.close()
            raise ServerEnded from error
        finally:
            os.close(exit_write)
        return process

    def start_for_text(self) -> Process:
        """Return a process that has parsed a text, or start one. Raises ServerEnded.

        A fork takes 10 ms, several times as long as a short text. A file always gets a
        process of its own, because its parser may be attacked.
        """
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                return self.start()
            if process.is_usable():
                return process
            process.close()

    def reuse(self, process: Process) -> None:
        """Keep a process that has parsed a text for the next one."""
        process.texts += 1
        process.last_used = time.monotonic()
        if process.texts >= MAX_TEXTS:
            process.close()
        else:
            with self._lock:
                self._idle.append(process)

    def stop(self) -> None:
        """End the connection, and the server if it is this process's own.

        The next document connects again.
        """
        with self._lock:
            while self._idle:
                self._idle.pop().close()
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
    """Return the fork server of the process `pid`; each forked process has its own."""
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
        is_short_text = (
            self._request.path is None and len(self._request.text) <= MAX_SHORT_TEXT
        )
        process = server.start_for_text() if is_short_text else server.start()
        try:
            result = self._use(process)
        except BaseException:
            process.close()
            raise
        if is_short_text:
            server.reuse(process)
        else:
            process.close()
        return result

    def _use(self, process: Process) -> Result:
        self._connection = process.connection
        try:
            if self._stopped:
                raise self._crash(b"")
            return self._converse(process.connection)
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise self._crash(process.exit_code()) from error
        finally:
            self._connection = None

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
