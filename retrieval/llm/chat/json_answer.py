"""The JSON in a model's answer, however it is wrapped or damaged.

An answer that is JSON is used as it is: tags, delimiters and code fences in its strings
are data.
"""

from __future__ import annotations

import json
import re
from typing import Any, SupportsIndex

import json_repair

from retrieval.llm import reasoning
from retrieval.llm.errors import BadAnswer
from retrieval.llm.text_cleaning import clean

Value = dict[str, Any] | list[Any]
_FENCE = re.compile(r"^[ \t]*+`{3,}\w*+[ \t]*+\n", re.MULTILINE)
_FENCE_END = re.compile(r"\n[ \t]*+`{3,}[ \t]*+(?=\n|$)")
_OBJECT = re.compile(r'\{(?=\s*+["}])')
_BRACKET = re.compile(r"[{}()\[\]]")
MAX_REPAIRED_DEPTH = 32
"""Upper bound on nested brackets: json_repair takes minutes for thousands of them."""
MAX_READS = 8
"""Upper bound on how often json_repair reads a character, on average. It reads those of
usual damage twice, and those of mixed quotes or `}{` a thousand times: 10 s for 12 KB."""
_DECODER = json.JSONDecoder(strict=False)
_QUOTED_CHARS = 200
"""Upper bound on the characters of an answer quoted in an error."""


def parse(text: str) -> dict[str, Any]:
    """Return the object in `text`, with strings free of NUL and lone surrogates.

    Reasoning, code fences and prose around it are ignored, and broken JSON is repaired.
    Raises BadAnswer if there is no object.
    """
    value = parse_value(text)
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), {})
        if not value:
            raise _no_object(text)
    return value


def parse_value(text: str) -> Value:
    """Return the object or list in `text`. Raises BadAnswer if there is none."""
    value = _load(text.strip())
    if value is None:
        _, answer = reasoning.split(text, truncated=True)
        value = _after_tag(answer) or strict_value(answer)
        if value is None:
            value = _repair(answer)
    if value is None:
        raise _no_object(text)
    cleaned: Value = _clean_value(value)
    return cleaned


def strict_value(text: str) -> Value | None:
    """Return the valid JSON in `text`: all of it, a fenced block, or its first object.

    None if there is none.
    """
    value = _load(text.strip())
    return _embedded(text) if value is None else value


def _embedded(text: str) -> Value | None:
    fence = _FENCE.search(text)
    if fence:
        value = _decode(text[fence.end() :].lstrip())
        if value is not None:
            return value
    start = _OBJECT.search(text)
    return _decode(text[start.start() :]) if start else None


def _after_tag(text: str) -> Value | None:
    """Return the JSON after the end of reasoning that has no opening tag."""
    _, tag, after = text.partition("</think>")
    return _decode(after.lstrip()) if tag else None


def _no_object(text: str) -> BadAnswer:
    start = text.strip()[:_QUOTED_CHARS]
    return BadAnswer(
        f"The model's answer contains no JSON object: {start!r}"
        if start
        else "The model's answer is empty."
    )


def _load(text: str) -> Value | None:
    """Return `text` if all of it is JSON."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _decode(text: str) -> Value | None:
    """Return the JSON at the beginning of `text`."""
    try:
        value, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _repair(text: str) -> Value | None:
    """Return the repaired JSON of the first block or object; None if it has nothing."""
    fence = _FENCE.search(text)
    start = text.find("{", fence.end() if fence else 0)
    if start < 0:
        return None
    # Without the closing fence, which the repair would take for a value.
    candidate = _without_closing_fence(text[start:]) if fence else text[start:]
    if _depth(candidate) > MAX_REPAIRED_DEPTH:
        return None
    try:
        value = json_repair.loads(_LimitedText(candidate))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    return value if isinstance(value, dict) and value else None


def _depth(text: str) -> int:
    """Return the largest number of open brackets, also of those in strings."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth = depth + 1 if bracket in "{[(" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


class _LimitedText(str):
    """A text whose characters can be read MAX_READS times each, on average."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._reads_left = MAX_READS * len(text)

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        """Raise ValueError after too many reads."""
        self._reads_left -= 1
        if self._reads_left < 0:
            raise ValueError("too much work")
        return super().__getitem__(key)


def _without_closing_fence(text: str) -> str:
    ends = list(_FENCE_END.finditer(text))
    return text[: ends[-1].start()] if ends else text


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): _clean_value(item) for key, item in value.items()}
    return value
