"""What no database, tokenizer or C library can take, taken out of a text."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without NUL and lone surrogates; the same object when it had none."""
    return text if _is_fit(text) else _UNFIT.sub("", text)


def _is_fit(text: str) -> bool:
    # Twenty times faster than to search by the pattern.
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
