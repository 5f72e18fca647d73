"""File names: what is refused, and what name a document goes by.

A name may carry a hint before its suffix, `report.[native-P(chunk_ts=800)].docx`
(docs/lightrag.md C.5): which engine reads it, how it is chunked, what is skipped. The document
goes by the name without it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from documents.errors import BadHint, MissingName, RefusedName, UnsafeName

MAX_BYTES = 255
"""What file systems allow a name."""
MAX_CHARS = 512
"""What the table allows a text's source."""
ENGINES = ("legacy", "native")
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
UNNAMED = "unknown_source"
"""What a text without a source goes by, with its hash."""
NO_SOURCE = frozenset({"", "no-file-path", UNNAMED})
"""Sources that name nothing, LightRAG's own placeholders among them."""

# Control characters, line ends, and marks that turn the direction of writing, which make
# a name look like another.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_HINTED = re.compile(
    r"(?P<stem>.*)\.\[(?P<hint>[^\[\]]*)\](?P<suffix>\.[^.]+)", re.DOTALL
)
_OPTION = re.compile(r"(?P<letter>[A-Za-z!])(?:\((?P<parameters>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class FileName:
    """A name that was found good, and what its hint asked for."""

    name: str
    suffix: str
    """Lower case, with its dot."""
    options: str = ""
    """The hint's option letters; `!` skips the graph."""
    chunking: dict[str, Any] = field(default_factory=dict)
    """As a request's `chunking` object; empty without a hint."""


def of_file(raw: str) -> FileName:
    """Raises RefusedName, UnsafeName or BadHint."""
    if not raw or raw != raw.strip() or _FORBIDDEN.search(raw):
        raise RefusedName
    if raw in {".", ".."} or any(mark in raw for mark in "/\\:"):
        raise UnsafeName
    if len(raw.encode()) > MAX_BYTES:
        raise RefusedName(f"Invalid filename: longer than {MAX_BYTES} bytes")
    return _without_hint(raw)


def of_text(raw: str | None) -> str:
    """The name a text goes by: the last part of its source, without a hint.

    No parser reads a text, so brackets that are no hint belong to its name, as upstream.
    Raises MissingName or RefusedName.
    """
    if raw is None or raw.strip() in NO_SOURCE:
        raise MissingName
    check_source(raw)
    base = re.split(r"[/\\]", raw.strip())[-1].strip()
    if base in {"", ".", ".."}:
        raise MissingName
    if len(base) > MAX_CHARS:
        raise RefusedName(f"file_source is longer than {MAX_CHARS} characters")
    try:
        return _without_hint(base).name
    except BadHint:
        return base


def check_source(raw: str) -> None:
    """Raises RefusedName that names the first character a source must not have."""
    found = _FORBIDDEN.search(raw)
    if found:
        character = f"U+{ord(found[0]):04X}"
        raise RefusedName(f"file_source must not contain the character {character}")


def _without_hint(raw: str) -> FileName:
    hinted = _HINTED.fullmatch(raw)
    if hinted is None:
        return FileName(raw, PurePosixPath(raw).suffix.lower())
    name = hinted["stem"] + hinted["suffix"]
    options, chunking = _Hint(raw, hinted["hint"]).read()
    return FileName(name, hinted["suffix"].lower(), options, chunking)


@dataclass(frozen=True, slots=True)
class _Hint:
    file: str
    text: str

    def read(self) -> tuple[str, dict[str, Any]]:
        engine, _, options = self.text.partition("-")
        if engine and engine not in ENGINES:
            raise self._bad(
                f"uses unsupported parser engine '{engine}'; "
                f"supported engines: {', '.join(ENGINES)}"
            )
        if not engine and not options:
            raise self._bad("is empty")
        return self._options(options)

    def _options(self, text: str) -> tuple[str, dict[str, Any]]:
        letters, chunking = "", dict[str, Any]()
        while text:
            option = _OPTION.match(text)
            if option is None or option["letter"] not in "FRVPite!":
                raise self._bad(
                    f"has unsupported option '{text[0]}'; use F R V P i t e !"
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
            raise self._bad(f"has unknown parameter '{key}'")
        return PARAMETERS[key]

    def _bad(self, why: str) -> BadHint:
        return BadHint(
            f"Invalid filename parser hint in '{self.file}': "
            f"filename hint '.[{self.text}]' {why}"
        )


def _value(raw: str) -> int | bool | str:
    raw = raw.strip()
    if raw.isdecimal():
        return int(raw)
    return {"": True, "true": True, "false": False}.get(raw.lower(), raw)
