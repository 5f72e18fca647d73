"""The JSON object in a model's answer, however it is wrapped or damaged."""

from __future__ import annotations

import json
import re
from typing import Any

import json_repair

from retrieval.llm.errors import BadAnswer
from retrieval.llm.text_cleaning import clean

_THOUGHT = re.compile(r"<think>.*?</think>|^.*</think>|<think>.*$", re.DOTALL)
_FENCED = re.compile(r"```\w*\s*(\{.*\})\s*```", re.DOTALL)
_SHOWN = 200


def parse(text: str) -> dict[str, Any]:
    """The object in `text`, its strings free of NUL and lone surrogates.

    Reasoning, code fences and prose around it are left out, and broken JSON is mended.
    Raises `BadAnswer` when there is no object in it.
    """
    candidate = _object_in(without_reasoning(text))
    found = _load(candidate) if candidate else None
    if found is None:
        said = text.strip()[:_SHOWN]
        raise BadAnswer(
            f"The model's answer holds no JSON object: {said!r}"
            if said
            else "The model's answer is empty."
        )
    return {clean(key): _cleaned(value) for key, value in found.items()}


def without_reasoning(text: str) -> str:
    """`text` without `<think>…</think>`, also where one of the two tags is missing."""
    return _THOUGHT.sub("", text).strip()


def _object_in(text: str) -> str:
    fenced = _FENCED.search(text)
    if fenced:
        return fenced[1]
    start = text.find("{")
    return text[start:] if start >= 0 else ""


def _load(text: str) -> dict[str, Any] | None:
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except ValueError:
        return _repaired(text)
    return found if isinstance(found, dict) else None


def _repaired(text: str) -> dict[str, Any] | None:
    """An object that repair makes out of nothing does not count."""
    found = json_repair.loads(text)
    if isinstance(found, list):
        found = next((item for item in found if isinstance(item, dict)), None)
    return found if isinstance(found, dict) and found else None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): _cleaned(item) for key, item in value.items()}
    return value
