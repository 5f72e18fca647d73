"""When two names are one name, written differently. Pure.

Case, width, accents, punctuation, a leading article and a plural do not make another
name. People's names are the danger: "Roger" and "Rogers" look like a plural, so who
merges by this key must look at more than the key.
"""

from __future__ import annotations

import re
import unicodedata

# Of Latin letters only: elsewhere a mark makes another letter.
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_NO_WORD = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_ARTICLE = re.compile(r"^(?:the|an?) (?=\S)")
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
MIN_PLURAL = 4


def spelling(name: str) -> str:
    """The name without what is only spelling: case, width, accents, punctuation."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    joined = _POSSESSIVE.sub("s", _NUMBER_COMMA.sub("", bare)).replace(".", "")
    return _NO_WORD.sub(" ", joined).strip()


def key(name: str) -> str:
    """`spelling` without a leading article, its last word in the singular."""
    words = _ARTICLE.sub("", spelling(name)).split(" ")
    words[-1] = _singular(words[-1])
    return " ".join(words)


def _singular(word: str) -> str:
    if len(word) < MIN_PLURAL or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
