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

MAX_BYTES = 255
"""Maximum length of a file name in bytes, that of most file systems."""
MAX_CHARS = 512
"""Maximum length of a text's source in characters, that of its column."""
ENGINES = ("legacy", "native")
OTHER_ENGINES = {
    "mineru": "MINERU_LOCAL_ENDPOINT, MINERU_OFFICIAL_ENDPOINT",
    "docling": "DOCLING_ENDPOINT",
}
"""LightRAG's other engines and their settings: a hint that names one is rejected."""
STRATEGIES = {
    "F": "fixed_token",
    "R": "recursive_character",
    "V": "semantic_vector",
    "P": "paragraph_semantic",
}
PARAMETERS = {
    "chunk_ts": "chunk_token_size",
    "chunk_token_size": "chunk_token_size",
    "chunk_ol": "chunk_overlap_token_size",
    "chunk_overlap_token_size": "chunk_overlap_token_size",
    "drop_rf": "drop_references",
    "drop_references": "drop_references",
}
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
_OPTIONS = re.compile(r"(?:[FRVPite!](?:\([^()]*\))?)+")
_OPTION = re.compile(r"(?P<letter>[A-Za-z!])(?:\((?P<parameters>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class FileName:
    """A valid name, and the options of its hint."""

    name: str
    suffix: str
    """In lower case, with the dot."""
    options: str = ""
    """The hint's option letters; `!` skips the graph."""
    chunking: dict[str, Any] = field(default_factory=dict)
    """Like a request's `chunking` object; empty without a hint."""


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
    for letter in file.options:
        if letter in WITHOUT_EFFECT and not _works(letter):
            raise InvalidHint(
                f"Invalid filename parser hint in '{raw}': option '{letter}' can't be "
                f"used: {WITHOUT_EFFECT[letter]}. Remove '{letter}' from the hint."
            )
    return file


def _works(option: str) -> bool:
    return option == "i" and settings.LIGHTRAG.ingest.vlm


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
    name = match["stem"] + match["suffix"]
    options, chunking = _Hint(raw, match["hint"]).parse()
    return FileName(name, match["suffix"].lower(), options, chunking)


def _is_hint(text: str) -> bool:
    """Return whether brackets contain a hint: `[2020]` is part of the name."""
    engine, dash, options = text.partition("-")
    if engine in {"", *ENGINES, *OTHER_ENGINES}:
        return True
    return bool(dash) and _OPTIONS.fullmatch(options) is not None


@dataclass(frozen=True, slots=True)
class _Hint:
    file: str
    text: str

    def parse(self) -> tuple[str, dict[str, Any]]:
        engine, _, options = self.text.partition("-")
        if engine in OTHER_ENGINES:
            raise self._error(
                f"uses parser engine '{engine}', which this server does not support "
                f"(settings without effect: {OTHER_ENGINES[engine]}); "
                f"supported engines: {', '.join(ENGINES)}"
            )
        if engine and engine not in ENGINES:
            raise self._error(
                f"uses unsupported parser engine '{engine}'; "
                f"supported engines: {', '.join(ENGINES)}"
            )
        if not engine and not options:
            raise self._error("is empty")
        return self._options(options)

    def _options(self, text: str) -> tuple[str, dict[str, Any]]:
        letters, chunking = "", dict[str, Any]()
        while text:
            option = _OPTION.match(text)
            if option is None or option["letter"] not in "FRVPite!":
                raise self._error(
                    f"has unsupported option '{text[0]}'; use F R V P i !"
                )
            letters += option["letter"]
            if option["letter"] in STRATEGIES:
                chunking["strategy"] = STRATEGIES[option["letter"]]
                chunking["params"] = self._parameters(option["parameters"] or "")
            text = text[option.end() :]
        return letters, chunking

    def _parameters(self, text: str) -> dict[str, Any]:
        pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
        return {self._parameter(key.strip()): _value(raw) for key, _, raw in pairs}

    def _parameter(self, key: str) -> str:
        if key not in PARAMETERS:
            raise self._error(f"has unknown parameter '{key}'")
        return PARAMETERS[key]

    def _error(self, reason: str) -> InvalidHint:
        return InvalidHint(
            f"Invalid filename parser hint in '{self.file}': "
            f"filename hint '.[{self.text}]' {reason}"
        )


def _value(raw: str) -> int | bool | str:
    raw = raw.strip()
    if raw.isdecimal():
        return int(raw)
    return {"": True, "true": True, "false": False}.get(raw.lower(), raw)
