"""Normalization of the names and types of entities (docs/lightrag.md C.7)."""

from __future__ import annotations

import re

from graph.models import UNKNOWN_TYPE

MAX_CHARS = 256
MAX_BYTES = 512
SHORT_NUMBER = 3
"""A name that is a number is dropped if it has fewer digits."""

# U+FF01 to U+FF5E mirror ASCII; U+3000 is the wide space.
_FULL_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_TAGS = re.compile(r"</?(?:p|br)\s*/?>", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[\d.,]+")
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "「": "」", "『": "』"}
_QUOTES |= {"《": "》", "«": "»"}
_NO_TYPE = frozenset("'()<>|/\\")


def clean_text(raw: str) -> str:
    """Return the text trimmed, without characters that PostgreSQL can't store."""
    return _UNSTORABLE.sub("", raw).strip()


def entity_name(raw: str) -> str:
    """Return the normalized name, or "" if it is not a name.

    Idempotent. The result has at most 256 characters and 512 bytes.
    """
    name = _TAGS.sub(" ", raw.translate(_FULL_WIDTH))
    name = _shortened(_SPACES.sub(" ", _UNSTORABLE.sub(" ", name)).strip())
    while (bare := _without_outer_quotes(name)) != name:
        name = bare
    return "" if _is_short_number(name) else name


def entity_type(raw: str) -> str:
    """Return the type in lower case without spaces, the first one of a list.

    An invalid type becomes `UNKNOWN_TYPE`; LightRAG drops the entity.
    """
    first = clean_text(raw.translate(_FULL_WIDTH)).split(",", 1)[0]
    kind = _SPACES.sub("", first).lower()
    if not kind or _NO_TYPE & set(kind) or kind == UNKNOWN_TYPE.lower():
        return UNKNOWN_TYPE
    return kind[:128]


def _without_outer_quotes(name: str) -> str:
    if len(name) < 2 or _QUOTES.get(name[0]) != name[-1]:
        return name
    inner = name[1:-1]
    # `"A" and "B"` is one name with two quotations in it.
    return name if name[0] in inner or name[-1] in inner else inner.strip()


def _is_short_number(name: str) -> bool:
    digits = sum(char.isdigit() for char in name)
    return bool(_NUMBER.fullmatch(name)) and digits < SHORT_NUMBER


def _shortened(name: str) -> str:
    cut = name[:MAX_CHARS].encode()[:MAX_BYTES]
    return cut.decode(errors="ignore").strip()
