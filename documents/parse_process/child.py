"""The process that parses documents and divides them into chunks: one file, or texts.

It has no database, no settings and no environment variables: the request contains
everything it needs.
"""

from __future__ import annotations

import contextlib
import math
import resource
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from documents import chunking, parsing
from documents.errors import DocumentError, ParserFailed, TooMuchText
from documents.ocr.messages import Recognize, Scan, ScannedPage
from documents.parse_process import messages
from documents.parse_process.messages import (
    FAILURE,
    PAGES,
    REQUEST,
    RESULT,
    SCANS,
    TEXTS,
    VECTORS,
    Failure,
    Kind,
    Limits,
    Request,
    Result,
)
from documents.parsing import ParsedDocument, figures

MIB = 1024 * 1024
RECURSION_LIMIT = 4_000
"""Depth of Python calls. Parsers of HTML and XML call four functions for each level; with
the default of 1,000, a page of 250 open elements fails."""
EXTRA_ADDRESS_SPACE = 4 * 1024 * MIB
"""Address space beyond the memory limit: threads and libraries reserve more than they use."""


def main(connection: socket.socket) -> None:
    """Answer the first request and, if it was a text, the requests after it.

    Raises EOFError if the worker closes the connection, TimeoutError if no request follows.
    """
    while True:
        _, body = messages.receive(connection, sys.maxsize)
        request = REQUEST.validate_json(body)
        set_limits(request.limits)
        connection.settimeout(None)
        kind, answer = _answer(request, connection)
        messages.send(connection, kind, answer)
        if request.path is not None:
            return
        connection.settimeout(messages.IDLE_SECONDS)


def set_limits(limits: Limits) -> None:
    """Limit the memory, and the CPU time from now on. macOS can't limit memory."""
    _limit(resource.RLIMIT_DATA, limits.memory_bytes)
    _limit(resource.RLIMIT_AS, limits.memory_bytes + EXTRA_ADDRESS_SPACE)
    _limit(resource.RLIMIT_CORE, 0)
    # Only a soft limit. Exceeding a hard limit sends SIGKILL, which cannot be
    # distinguished from the OOM killer.
    cpu_seconds = math.ceil(time.process_time()) + limits.seconds
    _limit(resource.RLIMIT_CPU, cpu_seconds, resource.getrlimit(resource.RLIMIT_CPU)[1])
    sys.setrecursionlimit(RECURSION_LIMIT)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, soft if hard is None else hard))


def _answer(request: Request, connection: socket.socket) -> tuple[Kind, bytes]:
    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        messages.send(connection, Kind.TEXTS, TEXTS.dump_json(list(texts)))
        _, vectors = messages.receive(connection, sys.maxsize)
        return VECTORS.validate_json(vectors)

    def ocr(scans: Sequence[Scan]) -> Sequence[ScannedPage]:
        messages.send(connection, Kind.SCANS, SCANS.dump_json(list(scans)))
        _, pages = messages.receive(connection, sys.maxsize)
        return PAGES.validate_json(pages)

    try:
        return Kind.RESULT, RESULT.dump_json(parse_and_split(request, embed, ocr))
    except Exception as error:  # noqa: BLE001 - any error of a parser is about the file
        return Kind.FAILURE, FAILURE.dump_json(_failure(request, error))


def parse_and_split(
    request: Request, embed: chunking.Embed, ocr: Recognize | None = None
) -> Result:
    """Return the text and the chunks of the request's document. Raises DocumentError."""
    if request.path is None:
        parsed = parsing.plain_text(request.text, request.name)
    elif request.service:
        parsed = parsing.service_result(
            request.path,
            request.name,
            request.service,
            images_suffice=request.images_suffice,
        )
    else:
        parsed = parsing.parse(
            request.path,
            request.name,
            password=request.password,
            ocr=ocr,
            images_suffice=request.images_suffice,
        )
    if len(parsed.text) > request.limits.characters:
        raise TooMuchText(
            f"The text of '{request.name}' has {len(parsed.text)} characters; the limit "
            f"is MAX_DOCUMENT_CHARACTERS ({request.limits.characters}). Divide the "
            "document, or raise the limit."
        )
    drafts = chunking.split(
        parsed, request.options, embed=embed, max_chunks=request.limits.chunks
    )
    images, warnings = figures.drafts(parsed)
    parsed = replace(parsed, images=(), warnings=(*parsed.warnings, *warnings))
    return Result(_without_excess(parsed), tuple(drafts), tuple(images))


def _without_excess(parsed: ParsedDocument) -> ParsedDocument:
    """Remove the attachments if they exceed half of MAX_EMBEDDED_BYTES."""
    attachments = sum(len(attachment.content) for attachment in parsed.attachments)
    if attachments > messages.MAX_EMBEDDED_BYTES // 2:
        warning = f"{attachments // MIB} MiB of attachments were ignored."
        parsed = replace(parsed, attachments=(), warnings=(*parsed.warnings, warning))
    return parsed


def _failure(request: Request, error: Exception) -> Failure:
    if isinstance(error, DocumentError):
        return Failure(type(error).__name__, str(error))
    if isinstance(error, MemoryError):
        reason = (
            f"it needs more than {request.limits.memory_bytes // MIB} MiB of memory"
        )
    else:
        reason = f"{type(error).__name__}: {error}"[:500]
    message = f"'{request.name}' could not be parsed: {reason}."
    return Failure(ParserFailed.__name__, message)
