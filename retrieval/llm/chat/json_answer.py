"""The JSON object in a model's answer, however it is wrapped or damaged."""

from __future__ import annotations

import json
import re
from typing import Any

import json_repair

from retrieval.llm.errors import BadAnswer
from retrieval.llm.text_cleaning import clean

_REASONING = re.compile(r"<think>.*?</think>|^.*</think>|<think>.*$", re.DOTALL)
_FENCED = re.compile(r"```\w*\s*(\{.*\})\s*```", re.DOTALL)
_QUOTED_CHARS = 200
"""Upper bound on the characters of an answer quoted in an error."""


def parse(text: str) -> dict[str, Any]:
    """Return the object in `text`, with strings free of NUL and lone surrogates.

    Reasoning, code fences and prose around it are ignored, and broken JSON is repaired.
    Raises BadAnswer if there is no object.
    """
    candidate = _find_object(without_reasoning(text))
    value = _load(candidate) if candidate else None
    if value is None:
        start = text.strip()[:_QUOTED_CHARS]
        raise BadAnswer(
            f"The model's answer contains no JSON object: {start!r}"
            if start
            else "The model's answer is empty."
        )
    return {clean(key): _clean_value(item) for key, item in value.items()}


def without_reasoning(text: str) -> str:
    """Remove `<think>…</think>` from `text`, also if one of the two tags is missing."""
    return _REASONING.sub("", text).strip()


def _find_object(text: str) -> str:
    fenced = _FENCED.search(text)
    if fenced:
        return fenced[1]
    start = text.find("{")
    return text[start:] if start >= 0 else ""


def _load(text: str) -> dict[str, Any] | None:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except ValueError:
        return _repair(text)
    return value if isinstance(value, dict) else None


def _repair(text: str) -> dict[str, Any] | None:
    """Return the repaired object; an empty one means that there was none."""
    value = json_repair.loads(text)
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    return value if isinstance(value, dict) and value else None


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): _clean_value(item) for key, item in value.items()}
    return value
