"""Text made fit for PostgreSQL and for models: the one place where characters are dropped.

PostgreSQL's text cannot hold NUL, UTF-8 cannot hold lone surrogates, and no model gains
from the other control characters.
"""

from __future__ import annotations

import hashlib
import re

SUMMARY_CHARS = 250

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")
_LINE_ENDS = re.compile("\r\n?|\f|\u2028|\u2029")


def clean(text: str) -> str:
    """No control characters, no surrogates (U+FFFD in their place), `\\n` line ends."""
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROLS.sub("", text)
    return _without_surrogates(text) if _SURROGATES.search(text) else text


def _without_surrogates(text: str) -> str:
    """Pairs become the character they stand for."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def content_hash(text: str) -> str:
    """MD5 in hex of a cleaned text: two documents with the same one are duplicates."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def summary(text: str) -> str:
    """The first 250 characters, with `...` if there are more (docs/lightrag.md C.1)."""
    if len(text) <= SUMMARY_CHARS:
        return text
    return text[:SUMMARY_CHARS] + "..."
