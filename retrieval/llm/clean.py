"""What no database, tokenizer or C library can take, taken out of a text."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without NUL and lone surrogates; the same object when it had none."""
    return _UNFIT.sub("", text) if _UNFIT.search(text) else text
