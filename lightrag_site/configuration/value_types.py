"""What a setting's text may say, and what it becomes. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.workspaces import names
from lightrag_site.configuration.config import AccountConfig, NamedModelConfig

TRUE = {"true", "1", "yes", "t", "on", "y"}
FALSE = {"false", "0", "no", "f", "off", "n"}
NAME_LENGTH = 256
"""Characters of a name that a token can hold."""
MODES = {"", "local", "global", "hybrid", "naive", "mix", "bypass"}


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
    return names.clean(text, "default")


def _prefix(text: str) -> str:
    stripped = text.strip("/")
    return f"/{stripped}" if stripped else ""


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError(text)
    return level


def _named_models(text: str) -> tuple[NamedModelConfig, ...]:
    """A JSON list of objects with the fields of NamedModelConfig, the ids different."""
    listed = json.loads(text)
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError(text)
    try:
        models = tuple(NamedModelConfig(**one) for one in listed)
    except TypeError as error:
        raise ValueError(text) from error
    if not all(_is_model(one) for one in models):
        raise ValueError(text)
    if len({one.id.lower() for one in models}) < len(models):
        raise ValueError(text)
    return models


def _is_model(one: NamedModelConfig) -> bool:
    texts = (one.id, one.mode, one.workspace, one.system_prompt)
    return (
        all(isinstance(value, str) for value in texts)
        and bool(one.id.strip())
        and one.mode in MODES
        and isinstance(one.parameters, dict)
    )


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


def _between(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not low < value <= high:
            raise ValueError
        return value

    return parse


def _accounts(text: str) -> tuple[AccountConfig, ...]:
    """As upstream: a name ends at its first colon, an account at the next comma."""
    made = []
    for one in text.split(","):
        name, colon, password = one.strip().partition(":")
        if not (name and colon and password) or len(name) > NAME_LENGTH:
            raise ValueError
        made.append(AccountConfig(name, password))
    if len({account.name for account in made}) < len(made):
        raise ValueError
    return tuple(made)


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
HOURS = Kind("a number of hours above 0", _between(0, 24 * 366))
PART = Kind("a number above 0, at most 1", _between(0, 1))
ACCOUNTS = Kind(
    f"a list of name:password, each name once and of {NAME_LENGTH} characters at most",
    _accounts,
)
WORDS = Kind("words separated by commas, or a JSON list", _words)
JSON = Kind("JSON", json.loads)
SIZE = Kind("a number of bytes, or None for no limit", _size)
FOLDER = Kind("a folder", lambda text: Path(text).expanduser().resolve())
FILE = Kind("a file", lambda text: Path(text).expanduser().resolve())
PORT = whole(1, 65535)
WORKSPACE = Kind("a name", _workspace)
URL_PREFIX = Kind("the beginning of a path, such as /rag", _prefix)
NAMED_MODELS = Kind(
    "a list of models, each with an id of its own and, if wanted, a mode, a workspace, "
    "parameters and a system_prompt",
    _named_models,
)
LOG_LEVEL = Kind("DEBUG, INFO, WARNING, ERROR or CRITICAL", _log_level)
