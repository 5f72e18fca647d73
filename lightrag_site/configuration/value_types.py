"""Types of settings: a description, and a function that parses the text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.workspaces import names
from lightrag_site.configuration.config_classes import AccountConfig, NamedModelConfig
from retrieval.search.params import Mode

TRUE = {"true", "1", "yes", "t", "on", "y"}
FALSE = {"false", "0", "no", "f", "off", "n"}
NAME_LENGTH = 256
"""Upper bound on the characters of a name, so that it fits into a token."""
MODES = {"", *Mode}


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of values. `parse` raises ValueError for invalid text."""

    description: str
    parse: Callable[[str], Any]


def _switch(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(text)


def _words(text: str) -> tuple[str, ...]:
    """Parse `a, b` or a JSON list."""
    if text.lstrip().startswith("["):
        return tuple(str(item) for item in json.loads(text))
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _size(text: str) -> int:
    """Parse bytes; LightRAG's `None` means no limit, which is 0 here."""
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
    """Parse a JSON list of objects with the fields of NamedModelConfig and unique ids."""
    items = json.loads(text)
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise ValueError(text)
    try:
        models = tuple(NamedModelConfig(**item) for item in items)
    except TypeError as error:
        raise ValueError(text) from error
    if not all(_is_valid(model) for model in models):
        raise ValueError(text)
    if len({model.id.lower() for model in models}) < len(models):
        raise ValueError(text)
    return models


def _is_valid(model: NamedModelConfig) -> bool:
    texts = (model.id, model.mode, model.workspace, model.system_prompt)
    return (
        all(isinstance(value, str) for value in texts)
        and bool(model.id.strip())
        and model.mode in MODES
        and isinstance(model.parameters, dict)
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
    """Parse accounts as LightRAG: the first colon ends the name, a comma the account."""
    accounts = []
    for entry in text.split(","):
        name, colon, password = entry.strip().partition(":")
        if not (name and colon and password) or len(name) > NAME_LENGTH:
            raise ValueError
        accounts.append(AccountConfig(name, password))
    if len({account.name for account in accounts}) < len(accounts):
        raise ValueError
    return tuple(accounts)


def whole(minimum: int = 0, maximum: int | None = None) -> ValueType:
    """Return the type of whole numbers between the bounds, inclusive."""
    upper = f" to {maximum}" if maximum is not None else ""
    return ValueType(
        f"a whole number from {minimum}{upper}"
        if upper
        else f"a whole number, at least {minimum}",
        _at_least(minimum, maximum),
    )


def choice(*options: str, aliases: Mapping[str, str] | None = None) -> ValueType:
    """Return the type of these words, ignoring case; `aliases` are other names of options."""
    by_lower_case = {option.lower(): option for option in options} | dict(aliases or {})

    def parse(text: str) -> str:
        if text.lower() not in by_lower_case:
            raise ValueError(text)
        return by_lower_case[text.lower()]

    return ValueType(f"one of {', '.join(options)}", parse)


TEXT = ValueType("text", str)
SWITCH = ValueType("true or false", _switch)
NUMBER = ValueType("a number", float)
SECONDS = ValueType("a number of seconds above 0", _seconds)
HOURS = ValueType("a number of hours above 0", _between(0, 24 * 366))
PRICE = ValueType("a price above 0", _between(0, 1e9))
PART = ValueType("a number above 0, at most 1", _between(0, 1))
ACCOUNTS = ValueType(
    f"a list of name:password with unique names of at most {NAME_LENGTH} characters",
    _accounts,
)
WORDS = ValueType("words separated by commas, or a JSON list", _words)
JSON = ValueType("JSON", json.loads)
SIZE = ValueType("a number of bytes, or None for no limit", _size)
FOLDER = ValueType("a folder", lambda text: Path(text).expanduser().resolve())
FILE = ValueType("a file", lambda text: Path(text).expanduser().resolve())
PORT = whole(1, 65535)
WORKSPACE = ValueType("a name", _workspace)
URL_PREFIX = ValueType("a path prefix, such as /rag", _prefix)
NAMED_MODELS = ValueType(
    "a list of models, each with a unique id and optionally mode, workspace, parameters "
    "and system_prompt",
    _named_models,
)
LOG_LEVEL = ValueType("DEBUG, INFO, WARNING, ERROR or CRITICAL", _log_level)
