"""The parser and the options that a hint in a file name selects, or a LIGHTRAG_PARSER rule.

Both have the form `ENGINE-OPTIONS`, such as `docling-iR(chunk_ts=800)`; a hint may also be
only `ENGINE` or `-OPTIONS` (docs/lightrag.md C.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from typing import Any

ENGINES = ("legacy", "native")
"""LightRAG's own engines: here both are this server's parsers."""
SERVICES: Mapping[str, frozenset[str]] = {
    "docling": frozenset(
        {
            *("pdf", "docx", "pptx", "xlsx", "md", "html", "xhtml"),
            *("png", "jpg", "jpeg", "tiff", "webp", "bmp"),
        }
    ),
    "mineru": frozenset(
        {
            *("pdf", "doc", "docx", "ppt", "pptx", "xls", "xlsx"),
            *("png", "jpg", "jpeg", "webp", "gif", "bmp"),
        }
    ),
}
"""LightRAG's engines that are services, and the suffixes of the files they parse."""
NATIVE_SUFFIXES = frozenset({"docx", "md", "textpack"})
"""A rule with `native` applies to these suffixes, as in LightRAG."""
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
LETTERS = "FRVPite!"
OPTIONS = re.compile(r"(?:[FRVPite!](?:\([^()]*\))?)+")
_OPTION = re.compile(r"(?P<letter>[A-Za-z!])(?:\((?P<parameters>[^()]*)\))?")
_RULE = re.compile(r"(?:[^;,()]++|\([^()]*+\)|[()])++")
"""A rule of LIGHTRAG_PARSER. A comma inside parentheses separates parameters."""


class InvalidDirectives(ValueError):
    """The text is not `ENGINE-OPTIONS`; the message completes "the hint …"."""


@dataclass(frozen=True, slots=True)
class Directives:
    """The selected parser, empty for the default, and the options."""

    engine: str = ""
    options: str = ""
    """The option letters; `!` skips the graph."""
    chunking: dict[str, Any] = field(default_factory=dict)
    """Like a request's `chunking` object; empty if no strategy is selected."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of LIGHTRAG_PARSER; `pattern` matches a suffix without the dot."""

    pattern: str
    directives: Directives

    def applies_to(self, suffix: str) -> bool:
        """Return whether the pattern matches, and the engine parses the type."""
        is_parsed = suffix in suffixes(self.directives.engine)
        return fnmatch(suffix, self.pattern) and (
            is_parsed or self.directives.engine == "legacy"
        )


NO_DIRECTIVES = Directives()


def suffixes(engine: str) -> frozenset[str]:
    """Return the suffixes that a rule's engine is limited to; empty for `legacy`."""
    return NATIVE_SUFFIXES if engine == "native" else SERVICES.get(engine, frozenset())


def parse(text: str) -> Directives:
    """Parse `ENGINE`, `ENGINE-OPTIONS` or `-OPTIONS`. Raises InvalidDirectives."""
    engine, _, options = text.partition("-")
    if engine and engine not in {*ENGINES, *SERVICES}:
        raise InvalidDirectives(
            f"uses unsupported parser engine '{engine}'; "
            f"supported engines: {', '.join(sorted({*ENGINES, *SERVICES}))}"
        )
    if not engine and not options:
        raise InvalidDirectives("is empty")
    return Directives(engine, *_options(options))


@lru_cache(maxsize=8)
def rules(text: str) -> tuple[Rule, ...]:
    """Parse the value of LIGHTRAG_PARSER. Raises InvalidDirectives."""
    return tuple(_rules(text))


def directives_for(suffix: str, text: str) -> Directives:
    """Return the directives of the first rule in `text` that applies to the suffix."""
    name = suffix.removeprefix(".")
    matches = (rule for rule in rules(text) if rule.applies_to(name))
    return next((rule.directives for rule in matches), NO_DIRECTIVES)


def _rules(text: str) -> Iterator[Rule]:
    for item in filter(None, (part.strip() for part in _RULE.findall(text))):
        pattern, colon, directives = item.partition(":")
        if not colon or not pattern.strip() or "." in pattern:
            raise InvalidDirectives(
                f"'{item}' must be SUFFIX:ENGINE-OPTIONS, such as pdf:docling-R"
            )
        try:
            rule = Rule(pattern.strip().lower(), parse(directives.strip()))
        except InvalidDirectives as error:
            raise InvalidDirectives(f"'{item}' {error}") from error
        if not rule.directives.engine:
            raise InvalidDirectives(f"'{item}' has no parser engine")
        parsed = suffixes(rule.directives.engine)
        if parsed and not any(fnmatch(suffix, rule.pattern) for suffix in parsed):
            raise InvalidDirectives(
                f"'{item}' matches no suffix that {rule.directives.engine} parses: "
                f"{', '.join(sorted(parsed))}"
            )
        yield rule


def _options(text: str) -> tuple[str, dict[str, Any]]:
    letters, chunking = "", dict[str, Any]()
    while text:
        option = _OPTION.match(text)
        if option is None or option["letter"] not in LETTERS:
            raise InvalidDirectives(
                f"has unsupported option '{text[0]}'; use F R V P i !"
            )
        letters += option["letter"]
        if option["letter"] in STRATEGIES:
            chunking["strategy"] = STRATEGIES[option["letter"]]
            chunking["params"] = _parameters(option["parameters"] or "")
        text = text[option.end() :]
    return letters, chunking


def _parameters(text: str) -> dict[str, Any]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return {_parameter(key.strip()): _value(raw) for key, _, raw in pairs}


def _parameter(key: str) -> str:
    if key not in PARAMETERS:
        raise InvalidDirectives(f"has unknown parameter '{key}'")
    return PARAMETERS[key]


def _value(raw: str) -> int | bool | str:
    raw = raw.strip()
    if raw.isdecimal() and len(raw) < 10:
        return int(raw)
    return {"": True, "true": True, "false": False}.get(raw.lower(), raw)
