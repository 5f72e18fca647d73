"""Word segmentation for the lexical index, applied to stored texts and to queries.

PostgreSQL's `simple` configuration splits only at spaces. So scripts without spaces
between words, such as Chinese, are split into overlapping bigrams.
"""

from __future__ import annotations

import re
import unicodedata

# Han, kana, bopomofo, hangul; then Thai, Lao, Myanmar, Khmer.
UNSPACED = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7fb"
    "\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3"
)
# Combining marks are part of the preceding letter, but `\w` does not match them.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff"

_UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")
_NO_WORD = re.compile(f"(?:[^\\w{MARKS}{UNSPACED}]|_)+")
_NO_ASCII_WORD = re.compile(r"[^a-z0-9]+")
_COMPOUND = re.compile(r"\b[^\W_]++(?:[-_.'’‐‑][^\W_]++)+")
_CONNECTOR = re.compile(r"[-_.'’‐‑]")


def segment(text: str) -> str:
    """Return `text` as lower-case words separated by single spaces.

    A compound becomes its parts and its joined form (`covid-19`: `covid 19 covid19`). A
    run of Chinese, Japanese, Korean or Thai becomes overlapping pairs of characters; a
    single character is kept.
    """
    if text.isascii():
        return _NO_ASCII_WORD.sub(" ", _spread_compounds(text.lower())).strip()
    words = _spread_compounds(unicodedata.normalize("NFKC", text).lower())
    return _NO_WORD.sub(" ", _UNSPACED_RUN.sub(_bigrams, words)).strip()


def _spread_compounds(text: str) -> str:
    return _COMPOUND.sub(_parts_and_whole, text)


def _parts_and_whole(match: re.Match[str]) -> str:
    parts = _CONNECTOR.split(match[0])
    return f"{' '.join(parts)} {''.join(parts)}"


def _bigrams(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) == 1:
        return f" {run} "
    pairs = " ".join(map(str.__add__, run, run[1:]))
    return f" {pairs} "
