"""Text cleaning: remove the characters that PostgreSQL and the models cannot use.

PostgreSQL cannot store NUL, and UTF-8 cannot encode lone surrogates. The other control
characters and invisible ones divide words or have no meaning for a model. No other module removes characters.
"""

from __future__ import annotations

import hashlib
import re

SUMMARY_CHARS = 250
"""Length of a document's `content_summary`, as in LightRAG."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\xad\u2062-\u2064\ufeff]")
"""Control characters, the soft hyphen, invisible operators and the byte order mark."""
_FUNCTION_APPLICATION = "\u2061"
_LINE_ENDS = re.compile("\r\n?|\f|\u2028|\u2029")


def clean(text: str) -> str:
    """Remove control characters, replace lone surrogates, normalize line endings.

    A surrogate becomes U+FFFD, a line ending becomes a newline.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROLS.sub("", text).replace(_FUNCTION_APPLICATION, " ")
    return _without_surrogates(text) if _SURROGATES.search(text) else text


def _without_surrogates(text: str) -> str:
    """Replace surrogate pairs by their character, and lone surrogates by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def content_hash(text: str) -> str:
    """Return the MD5 of a cleaned text in hex; duplicates have the same hash."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def summary(text: str) -> str:
    """Return the first 250 characters, and `...` if there are more.

    LightRAG's rule, docs/lightrag.md C.1.
    """
    if len(text) <= SUMMARY_CHARS:
        return text
    return text[:SUMMARY_CHARS] + "..."
