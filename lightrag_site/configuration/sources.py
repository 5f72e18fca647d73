"""Where settings are looked up: environment, `.env`, `config.ini`, YAML, in that order."""

from __future__ import annotations

import configparser
import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dotenv
import yaml

from lightrag_site.errors import SettingError

GROUPS = {"SERVER", "PATHS", "MODELS", "INGEST", "QUERY", "ACCESS", "STORES"}
"""Headings under which a file may gather settings without changing their names."""


UNREADABLE = (OSError, UnicodeDecodeError)
LISTS = {"models": "CHAT_MODELS"}
"""A heading of a YAML file that holds a list is this setting."""


@dataclass(frozen=True, slots=True)
class Found:
    """A setting's text, under which name and where it stood."""

    text: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One place settings come from; all its values are text."""

    origin: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """The layers, the strongest first."""

    layers: tuple[Layer, ...]

    def find(self, *names: str) -> Found | None:
        """The first of `names` in the strongest layer that has any of them.

        An empty value hides the weaker layers and counts as not set, so that
        `LIGHTRAG_API_KEY= lightrag-server` takes back what `.env` says.
        """
        for layer in self.layers:
            for name in names:
                if name in layer.values:
                    text = layer.values[name].strip()
                    return Found(text, name, layer.origin) if text else None
        return None


def read(environ: Mapping[str, str], folder: Path, known: Collection[str]) -> Sources:
    """All layers as they are for a process started in `folder`.

    `known` are the names a YAML file may use. `config.ini` may hold sections of
    upstream's other stores, so what is unknown there is passed over.
    """
    env_file = environ.get("LIGHTRAG_ENV_FILE") or str(folder / ".env")
    inner = [
        Layer("environment", environ),
        Layer(".env", _dotenv(Path(env_file))),
        Layer("config.ini", _ini(folder / "config.ini", known)),
    ]
    yaml_file = Sources(tuple(inner)).find("LIGHTRAG_CONFIG")
    if yaml_file:
        inner.append(Layer(yaml_file.text, _yaml(folder / yaml_file.text, known)))
    return Sources(tuple(inner))


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        values = dotenv.dotenv_values(path, interpolate=True)
    except UNREADABLE as error:
        raise _unreadable(".env", path, error) from error
    return {name: value for name, value in values.items() if value is not None}


def _ini(path: Path, known: Collection[str]) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, "utf-8")
    except (*UNREADABLE, configparser.Error) as error:
        raise _unreadable("config.ini", path, error) from error
    pairs = (
        (f"{section}_{key}", value)
        for section in parser.sections()
        for key, value in parser.items(section)
    )
    named = ((_resolve(path_name, known), value) for path_name, value in pairs)
    return {name: value for name, value in named if name}


def _yaml(path: Path, known: Collection[str]) -> dict[str, str]:
    try:
        tree = yaml.safe_load(path.read_text("utf-8")) or {}
    except (*UNREADABLE, yaml.YAMLError) as error:
        raise _unreadable("LIGHTRAG_CONFIG", path, error) from error
    if not isinstance(tree, dict):
        problem = f"{path} is not a mapping"
        raise SettingError("LIGHTRAG_CONFIG", problem, "Write `name: value` lines")
    return {_yaml_name(key, known, path): value for key, value in _leaves(tree, known)}


def _unreadable(setting: str, path: Path, error: Exception) -> SettingError:
    problem = f"{path} cannot be read ({' '.join(str(error).split())})"
    return SettingError(setting, problem, "Mend or remove the file")


def _leaves(
    tree: Mapping[str, Any], known: Collection[str], path: str = ""
) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{path}_{key}" if path else str(key)
        if isinstance(value, dict) and not _resolve(name, known):
            yield from _leaves(value, known, name)
        elif value is not None:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _yaml_name(key: str, known: Collection[str], path: Path) -> str:
    name = LISTS.get(key) or _resolve(key, known)
    if name:
        return name
    near = difflib.get_close_matches(key.upper(), known, 1)
    mend = f"Did you mean {near[0]}" if near else "Take the line out"
    raise SettingError(key.upper(), f"{path} sets what nothing reads", mend)


def _resolve(name: str, known: Collection[str]) -> str:
    """`llm_model` -> LLM_MODEL; of the groups in GROUPS, `server_port` -> PORT."""
    candidate = name.upper().replace("-", "_")
    group, _, rest = candidate.partition("_")
    if candidate not in known and group in GROUPS:
        candidate = rest
    return candidate if candidate in known else ""
