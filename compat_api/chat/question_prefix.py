"""What a chat's last message may begin with: `/local`, `/naivecontext`, `/mix[in verse]`.

The rules are those of LightRAG's Ollama dialect (docs/lightrag.md A.5). Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.search.params import Mode

_PREFIX = re.compile(
    r"/(?P<mode>local|global|hybrid|naive|mix|bypass)?(?P<context>context)?"
    r"(?:\[(?P<wish>[^\]]*)\]|(?=\s|$))\s*"
)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A question, and what its prefix asked for."""

    question: str
    mode: Mode | None = None
    only_context: bool = False
    wish: str = ""


def parse(text: str) -> Prefixed:
    """A text that begins with no prefix is all question."""
    found = _PREFIX.match(text)
    if found is None or not any(found.group("mode", "context", "wish")):
        return Prefixed(text)
    named = found["mode"]
    if named == Mode.BYPASS and found["context"]:
        return Prefixed(text)
    mode = Mode(named) if named else None
    if found["context"] and mode is None:
        mode = Mode.MIX
    return Prefixed(
        text[found.end() :], mode, bool(found["context"]), found["wish"] or ""
    )
