"""What a setting's text may say, and what it becomes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRUE = {"true", "1", "yes", "t", "on", "y"}
FALSE = {"false", "0", "no", "f", "off", "n"}


@dataclass(frozen=True, slots=True)
class Kind:
    """`parse` raises ValueError for text that is not what is expected."""

    expects: str
    parse: Callable[[str], Any]


def _switch(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(text)


def _words(text: str) -> tuple[str, ...]:
    """`a, b` or a JSON list."""
    if text.lstrip().startswith("["):
        return tuple(str(item) for item in json.loads(text))
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _size(text: str) -> int:
    """Bytes; `None` as upstream writes it is no limit, which is 0 here."""
    return 0 if text.lower() == "none" else _at_least(0)(text)


def _workspace(text: str) -> str:
    """Upstream's rule: what is not [A-Za-z0-9_] becomes `_`."""
    return re.sub(r"[^A-Za-z0-9_]", "_", text.strip())[:64] or "default"


def _prefix(text: str) -> str:
    stripped = text.strip("/")
    return f"/{stripped}" if stripped else ""


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError(text)
    return level


def _at_least(minimum: int, maximum: int | None = None) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if value < minimum or (maximum is not None and value > maximum):
            raise ValueError(text)
        return value

    return parse


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 86400 * 7:
        raise ValueError(text)
    return value


def whole(minimum: int = 0, maximum: int | None = None) -> Kind:
    """A whole number between the bounds, both included."""
    upto = f" to {maximum}" if maximum is not None else " upwards"
    return Kind(f"a whole number from {minimum}{upto}", _at_least(minimum, maximum))


def choice(*options: str) -> Kind:
    """One of these words, whatever its case."""
    known = {option.lower(): option for option in options}

    def parse(text: str) -> str:
        if text.lower() not in known:
            raise ValueError(text)
        return known[text.lower()]

    return Kind(f"one of {', '.join(options)}", parse)


TEXT = Kind("text", str)
SWITCH = Kind("true or false", _switch)
NUMBER = Kind("a number", float)
SECONDS = Kind("a number of seconds above 0", _seconds)
WORDS = Kind("words separated by commas, or a JSON list", _words)
JSON = Kind("JSON", json.loads)
SIZE = Kind("a number of bytes, or None for no limit", _size)
FOLDER = Kind("a folder", lambda text: Path(text).expanduser().resolve())
FILE = Kind("a file", lambda text: Path(text).expanduser().resolve())
PORT = whole(1, 65535)
WORKSPACE = Kind("a name", _workspace)
URL_PREFIX = Kind("the beginning of a path, such as /rag", _prefix)
LOG_LEVEL = Kind("DEBUG, INFO, WARNING, ERROR or CRITICAL", _log_level)
