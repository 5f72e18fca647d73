"""Messages between a worker and a process that parses documents.

Pydantic converts them to JSON and validates them. pickle is not used, because a damaged
file may have taken control of the process.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter

from documents.chunking import ChunkDraft, ChunkOptions
from documents.ocr.messages import Scan, ScannedPage
from documents.parsing import ParsedDocument
from documents.parsing.figures import FigureDraft

RECEIVE_BYTES = 1024 * 1024
"""Upper bound on the bytes that one system call reads."""
IDLE_SECONDS = 30
"""Seconds after which a process ends that has parsed a text and gets no other one."""
MAX_EMBEDDED_BYTES = 128 * 1024 * 1024
"""Upper bound on the figures and attachments of a document, together."""
_HEADER = struct.Struct("!BQ")


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds on what parsing one document may use and return."""

    characters: int
    chunks: int
    memory_bytes: int
    seconds: int
    """Bounds the CPU time and, separately, the elapsed time."""

    @property
    def message_bytes(self) -> int:
        """The text, its chunks with their overlap, JSON's escapes, and figures as base64."""
        return 16 * self.characters + 1024 * self.chunks + 2 * MAX_EMBEDDED_BYTES


@dataclass(frozen=True, slots=True)
class Request:
    """A document to parse: the file at `path`, or the uploaded `text`.

    With a `service`, the file is the result of that service. With `images_suffice`, a
    file with images may have no text.
    """

    name: str
    options: ChunkOptions
    limits: Limits
    path: Path | None = None
    text: str = ""
    password: str = ""
    service: str = ""
    images_suffice: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The text of a document without images, its chunks, and its figures."""

    __pydantic_config__: ClassVar = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64"
    )
    parsed: ParsedDocument
    drafts: tuple[ChunkDraft, ...]
    figures: tuple[FigureDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An error: the name of a class of `documents.errors`, and its message."""

    error: str
    message: str


class Kind(IntEnum):
    """The kind of a message, sent before it."""

    REQUEST = 1
    RESULT = 2
    FAILURE = 3
    TEXTS = 4
    VECTORS = 5
    SCANS = 6
    PAGES = 7


SCANS = TypeAdapter(list[Scan])
PAGES = TypeAdapter(list[ScannedPage])
REQUEST = TypeAdapter(Request)
RESULT = TypeAdapter(Result)
FAILURE = TypeAdapter(Failure)
TEXTS = TypeAdapter(list[str])
VECTORS = TypeAdapter(list[list[float]])


class MessageTooLong(Exception):
    """A message exceeds the limit of its receiver."""


def send(connection: socket.socket, kind: Kind, body: bytes) -> None:
    connection.sendall(_HEADER.pack(kind, len(body)))
    connection.sendall(body)


def receive(
    connection: socket.socket, max_bytes: int, deadline: float | None = None
) -> tuple[Kind, bytes]:
    """Return the next message.

    Raises EOFError if the connection ends before the message does, MessageTooLong, and
    TimeoutError at `deadline`, a time of `time.monotonic`.
    """
    kind, length = _HEADER.unpack(_read(connection, _HEADER.size, deadline))
    if length > max_bytes:
        raise MessageTooLong
    return Kind(kind), _read(connection, length, deadline)


def _read(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < length:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
        received = connection.recv(min(length - len(data), RECEIVE_BYTES))
        if not received:
            raise EOFError
        data += received
    return bytes(data)
