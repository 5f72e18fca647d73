"""LightRAG's prompt files: types of entities with examples, and the prefix of questions.

The settings name files in the folders `entity_type` and `user_prompt` of PROMPT_DIR.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.errors import SettingError

ENTITY_TYPES = "ENTITY_TYPE_PROMPT_FILE"
PREFIX = "USER_PROMPT_PREFIX_FILE"
GUIDANCE = "entity_types_guidance"
JSON_EXAMPLES = "entity_extraction_json_examples"


def read(config: LightRAGConfig) -> LightRAGConfig:
    """Return the configuration with the contents of its prompt files.

    Raises SettingError if a file can't be read.
    """
    folder = config.server.prompt_dir
    ingest, query = config.ingest, config.query
    if ingest.entity_type_prompt_file:
        path = _path(
            ENTITY_TYPES,
            folder / "entity_type",
            ingest.entity_type_prompt_file,
            (".yml", ".yaml"),
        )
        profile = _profile(path)
        ingest = replace(
            ingest,
            entity_type_guidance=profile.get(GUIDANCE, "").rstrip(),
            extraction_examples=tuple(profile.get(JSON_EXAMPLES, ())),
        )
    if query.user_prompt_prefix_file:
        path = _path(
            PREFIX,
            folder / "user_prompt",
            query.user_prompt_prefix_file,
            (".md", ".txt"),
        )
        query = replace(query, user_prompt_prefix=_text(PREFIX, path))
    return replace(config, ingest=ingest, query=query)


def _path(setting: str, folder: Path, name: str, suffixes: Collection[str]) -> Path:
    """Return the path of a file that is directly in `folder`."""
    if Path(name).name != name or "\\" in name or name == "..":
        raise SettingError(
            setting, f"'{name}' is not a file name", f"Set it to a file in {folder}"
        )
    if Path(name).suffix.lower() not in suffixes:
        raise SettingError(
            setting,
            f"'{name}' has another extension",
            f"Use a file with the extension {' or '.join(suffixes)}",
        )
    return folder / name


def _text(setting: str, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            setting, f"{path} can't be read: {error}", "Set it to a readable UTF-8 file"
        ) from error


def _profile(path: Path) -> Mapping[str, Any]:
    """Return the fields of a file of entity types; `entity_extraction_examples` is unused."""
    try:
        profile = yaml.safe_load(_text(ENTITY_TYPES, path)) or {}
    except yaml.YAMLError as error:
        raise SettingError(
            ENTITY_TYPES, f"{path} is not valid YAML: {error}", "Correct the file"
        ) from error
    examples = profile.get(JSON_EXAMPLES, []) if isinstance(profile, dict) else None
    is_valid = (
        isinstance(examples, list)
        and all(isinstance(example, str) for example in examples)
        and isinstance(profile.get(GUIDANCE, ""), str)
    )
    if not is_valid:
        raise SettingError(
            ENTITY_TYPES,
            f"{path} has fields of the wrong type",
            f"Set '{GUIDANCE}' to a text and '{JSON_EXAMPLES}' to a list of texts",
        )
    result: Mapping[str, Any] = profile
    return result
