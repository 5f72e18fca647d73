"""Prefixes of a chat's last message: `/local`, `/naivecontext`, `/mix[in verse]`.

The rules are those of LightRAG's Ollama API (docs/lightrag.md A.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.search.params import Mode

_PREFIX = re.compile(
    r"/(?P<mode>local|global|hybrid|naive|mix|bypass)?(?P<context>context)?"
    r"(?:\[(?P<instruction>[^\]]*)\]|(?=\s|$))\s*"
)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A question without its prefix, and what the prefix requested."""

    question: str
    mode: Mode | None = None
    only_context: bool = False
    instruction: str = ""


def parse(text: str) -> Prefixed:
    """Split a text into its prefix and the question."""
    match = _PREFIX.match(text)
    if match is None or not any(match.group("mode", "context", "instruction")):
        return Prefixed(text)
    name = match["mode"]
    if name == Mode.BYPASS and match["context"]:
        return Prefixed(text)
    mode = Mode(name) if name else None
    if match["context"] and mode is None:
        mode = Mode.MIX
    return Prefixed(
        text[match.end() :], mode, bool(match["context"]), match["instruction"] or ""
    )
