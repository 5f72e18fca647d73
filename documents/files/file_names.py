"""File names: which are valid, and the document names derived from them.

A file name may contain a hint before its suffix, `report.[native-P(chunk_ts=800)].docx`
(docs/lightrag.md C.5), which selects the parser, the chunking and the skipped steps. The
document's name is the file name without the hint.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings

from documents.errors import InvalidHint, InvalidName, MissingName, UnsafeName
from documents.files import parser_hints
from documents.files.parser_hints import InvalidDirectives

MAX_BYTES = 255
"""Maximum length of a file name in bytes, that of most file systems."""
MAX_CHARS = 512
"""Maximum length of a text's source in characters, that of its column."""
WITHOUT_EFFECT = {
    "i": "it needs a vision model: set VLM_PROCESS_ENABLE and VLM_LLM_MODEL; text in "
    "images is read without an option (OCR)",
    "t": "tables are always read as text, and are not described by a model",
    "e": "equations are always read as text, and are not described by a model",
}
"""LightRAG's options that can't work here, and the reason: a hint with one is rejected.

With a vision model, `i` works.
"""
UNNAMED = "unknown_source"
"""First part of the name of a text without a source; the second is its hash."""
NO_SOURCE = frozenset({"", "no-file-path", UNNAMED})
"""Sources that mean "no source", including LightRAG's placeholders."""

# Control characters, line ends, and marks that change the direction of writing, which can
# make a name look like another one.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_HINTED = re.compile(
    r"(?P<stem>.*)\.\[(?P<hint>[^\[\]]*)\](?P<suffix>\.[^.]+)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class FileName:
    """A valid name, and what its hint or a rule of LIGHTRAG_PARSER selects."""

    name: str
    suffix: str
    """In lower case, with the dot."""
    engine: str = ""
    """The parser of the hint or of a rule; empty for the default."""
    options: str = ""
    """The option letters of the hint, else those of a rule; `!` skips the graph."""
    chunking: dict[str, Any] = field(default_factory=dict)
    """Like a request's `chunking` object; empty if neither selects a strategy."""


def parse(raw: str) -> FileName:
    """Parse the name of a file. Raises InvalidName, UnsafeName or InvalidHint.

    Names that differ only in their Unicode normalization are the same name.
    """
    raw = unicodedata.normalize("NFC", raw)
    if not raw or raw != raw.strip() or _FORBIDDEN.search(raw):
        raise InvalidName
    if raw in {".", ".."} or any(mark in raw for mark in "/\\:"):
        raise UnsafeName
    if len(raw.encode()) > MAX_BYTES:
        raise InvalidName(f"Invalid filename: longer than {MAX_BYTES} bytes")
    file = _without_hint(raw)
    _check(raw, file)
    return _with_rule(file)


def parse_path(raw: str) -> FileName:
    """Parse the path of a file relative to its workspace's folder.

    The folders are part of the document's name, so that equal names in different folders
    do not collide. Raises InvalidName, UnsafeName or InvalidHint.
    """
    *folders, base = unicodedata.normalize("NFC", raw).split("/")
    file = parse(base)
    for folder in folders:
        parse(folder)
    name = "/".join([*folders, file.name])
    if len(name) > MAX_CHARS:
        raise InvalidName(f"Invalid path: longer than {MAX_CHARS} characters")
    return replace(file, name=name)


def text_name(raw: str | None) -> str:
    """Return the document name of a text: the last part of its source, without a hint.

    Brackets that are not a valid hint are part of the name, as in LightRAG, because texts
    are not parsed. Raises MissingName or InvalidName.
    """
    if raw is None or raw.strip() in NO_SOURCE:
        raise MissingName
    check_source(raw)
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", raw.strip()))[-1].strip()
    if base in {"", ".", ".."}:
        raise MissingName
    if len(base) > MAX_CHARS:
        raise InvalidName(f"file_source is longer than {MAX_CHARS} characters")
    try:
        return _without_hint(base).name
    except InvalidHint:
        return base


def check_source(raw: str) -> None:
    """Raise InvalidName with the first character that a source must not contain."""
    match = _FORBIDDEN.search(raw)
    if match:
        character = f"U+{ord(match[0]):04X}"
        raise InvalidName(f"file_source must not contain the character {character}")


def _without_hint(raw: str) -> FileName:
    match = _HINTED.fullmatch(raw)
    if match is None or not _is_hint(match["hint"]):
        return FileName(raw, PurePosixPath(raw).suffix.lower())
    try:
        directives = parser_hints.parse(match["hint"])
    except InvalidDirectives as error:
        raise _invalid(raw, match["hint"], str(error)) from error
    return FileName(
        match["stem"] + match["suffix"],
        match["suffix"].lower(),
        directives.engine,
        directives.options,
        directives.chunking,
    )


def _is_hint(text: str) -> bool:
    """Return whether brackets contain a hint: `[2020]` is part of the name."""
    engine, dash, options = text.partition("-")
    if engine in {"", *parser_hints.ENGINES, *parser_hints.SERVICES}:
        return True
    return bool(dash) and parser_hints.OPTIONS.fullmatch(options) is not None


def _check(raw: str, file: FileName) -> None:
    """Raise InvalidHint if the hint selects what this server can't do for this file."""
    for letter in file.options:
        if letter in WITHOUT_EFFECT and not _works(letter):
            raise InvalidHint(
                f"Invalid filename parser hint in '{raw}': option '{letter}' can't be "
                f"used: {WITHOUT_EFFECT[letter]}. Remove '{letter}' from the hint."
            )
    if file.engine not in parser_hints.SERVICES:
        return
    suffixes = parser_hints.SERVICES[file.engine]
    service = settings.LIGHTRAG.parser_services[file.engine]
    if not service.endpoint:
        raise _invalid(
            raw, file.engine, f"needs {service.setting}, the URL of {file.engine}"
        )
    if file.suffix.removeprefix(".") not in suffixes:
        listed = ", ".join(sorted(suffixes))
        raise _invalid(
            raw, file.engine, f"does not parse '{file.suffix}', only: {listed}"
        )


def _works(option: str) -> bool:
    return option == "i" and settings.LIGHTRAG.ingest.vlm


def _with_rule(file: FileName) -> FileName:
    """Add what the hint leaves open and a rule of LIGHTRAG_PARSER sets."""
    rule = parser_hints.directives_for(
        file.suffix, settings.LIGHTRAG.ingest.parser_rules
    )
    return replace(
        file,
        engine=file.engine or rule.engine,
        options=file.options or rule.options,
        chunking=file.chunking or rule.chunking,
    )


def _invalid(file: str, hint: str, reason: str) -> InvalidHint:
    return InvalidHint(
        f"Invalid filename parser hint in '{file}': filename hint '.[{hint}]' {reason}"
    )
