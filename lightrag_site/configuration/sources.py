"""The sources of settings: environment, `.env`, `config.ini`, YAML, in this order."""

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
"""Sections of a file that group settings and are not part of their names."""

UNREADABLE = (OSError, UnicodeDecodeError)
LISTS = {"models": "CHAT_MODELS"}
"""Keys of a YAML file with a list, and the settings they stand for."""


@dataclass(frozen=True, slots=True)
class RawValue:
    """The text of a setting, the name under which it is set, and its source."""

    text: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One source of settings; all values are text."""

    origin: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """All layers, in the order of precedence."""

    layers: tuple[Layer, ...]

    def find(self, *names: str) -> RawValue | None:
        """Return the first of `names` in the first layer that contains one of them.

        An empty value counts as not set and hides later layers, so that
        `LIGHTRAG_API_KEY= lightrag-server` overrides `.env`.
        """
        for layer in self.layers:
            for name in names:
                if name in layer.values:
                    text = layer.values[name].strip()
                    return RawValue(text, name, layer.origin) if text else None
        return None


def read(
    environ: Mapping[str, str], folder: Path, known_names: Collection[str]
) -> Sources:
    """Return the layers for a process started in `folder`.

    `known_names` contains the names that a YAML file may use. Unknown names in `config.ini` are
    ignored, because it may configure LightRAG's other stores.
    """
    env_file = environ.get("LIGHTRAG_ENV_FILE") or str(folder / ".env")
    layers = [
        Layer("environment", environ),
        Layer(".env", _dotenv(Path(env_file))),
        Layer("config.ini", _ini(folder / "config.ini", known_names)),
    ]
    yaml_file = Sources(tuple(layers)).find("LIGHTRAG_CONFIG")
    if yaml_file:
        layers.append(
            Layer(yaml_file.text, _yaml(folder / yaml_file.text, known_names))
        )
    return Sources(tuple(layers))


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        values = dotenv.dotenv_values(path, interpolate=True)
    except UNREADABLE as error:
        raise _unreadable(".env", path, error) from error
    return {name: value for name, value in values.items() if value is not None}


def _ini(path: Path, known_names: Collection[str]) -> dict[str, str]:
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
    named = ((_resolve(path_name, known_names), value) for path_name, value in pairs)
    return {name: value for name, value in named if name}


def _yaml(path: Path, known_names: Collection[str]) -> dict[str, str]:
    try:
        tree = yaml.safe_load(path.read_text("utf-8")) or {}
    except (*UNREADABLE, yaml.YAMLError) as error:
        raise _unreadable("LIGHTRAG_CONFIG", path, error) from error
    if not isinstance(tree, dict):
        problem = f"{path} is not a mapping"
        raise SettingError("LIGHTRAG_CONFIG", problem, "Write `name: value` lines")
    return {
        _yaml_name(key, known_names, path): value
        for key, value in _leaves(tree, known_names)
    }


def _unreadable(setting: str, path: Path, error: Exception) -> SettingError:
    problem = f"cannot read {path} ({' '.join(str(error).split())})"
    return SettingError(setting, problem, "Correct or remove the file")


def _leaves(
    tree: Mapping[str, Any], known_names: Collection[str], path: str = ""
) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        name = f"{path}_{key}" if path else str(key)
        if isinstance(value, dict) and not _resolve(name, known_names):
            yield from _leaves(value, known_names, name)
        elif value is not None:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _yaml_name(key: str, known_names: Collection[str], path: Path) -> str:
    name = LISTS.get(key) or _resolve(key, known_names)
    if name:
        return name
    similar = difflib.get_close_matches(key.upper(), known_names, 1)
    remedy = f"Did you mean {similar[0]}" if similar else "Remove the line"
    raise SettingError(key.upper(), f"unknown setting in {path}", remedy)


def _resolve(name: str, known_names: Collection[str]) -> str:
    """Return the setting's name: `llm_model` is LLM_MODEL, `server_port` is PORT."""
    candidate = name.upper().replace("-", "_")
    group, _, name_in_group = candidate.partition("_")
    if candidate not in known_names and group in GROUPS:
        candidate = name_in_group
    return candidate if candidate in known_names else ""
