"""Normalization of names: two spellings of one name have the same key.

Ignored are case, width, accents, punctuation, a leading article, a plural, the script of
Chinese characters (Traditional or Simplified) and an abbreviation in brackets. The key
alone is not enough to merge entities: "Roger" and "Rogers" have the same key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

# Only after Latin letters: in other scripts a mark changes the letter.
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_NO_WORD = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_ARTICLE = re.compile(r"^(?:the|an?) (?=\S)")
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_HAN = re.compile("[\u3400-\u9fff]")
_BRACKETS = re.compile(r"[(（]([^()（）]++)[)）]$")
_SHORT = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z&]{2,8}$")
_MINOR_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "de",
        "des",
        "du",
        "for",
        "in",
        "la",
        "le",
        "of",
        "on",
        "or",
        "the",
        "to",
        "und",
        "von",
    ]
)
MIN_PLURAL = 4


def spelling(name: str) -> str:
    """Return the name without differences of case, width, accents and punctuation."""
    if _HAN.search(name):
        name = _simplified().convert(name)
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    joined = _POSSESSIVE.sub("s", _NUMBER_COMMA.sub("", bare)).replace(".", "")
    return _NO_WORD.sub(" ", joined).strip()


def key(name: str) -> str:
    """Return `spelling` without a leading article, with its last word in the singular.

    An abbreviation of the name is removed: "World Health Organization (WHO)". Other text
    in brackets is kept, because it distinguishes names: "Mercury (planet)".
    """
    words = _ARTICLE.sub("", spelling(without_abbreviation(name))).split(" ")
    words[-1] = _singular(words[-1])
    return " ".join(words)


def without_abbreviation(name: str) -> str:
    """Return the name without its abbreviation in brackets."""
    match = _BRACKETS.search(name)
    if match is None:
        return name
    long = name[: match.start()].rstrip()
    return long if abbreviates(match[1].strip(), long) else name


def abbreviates(short: str, long: str) -> bool:
    """Return whether `short` is the initials of `long`, of all or of its main words."""
    letters = short.replace(".", "")
    if not _SHORT.match(letters):
        return False
    words = re.findall(r"[^\W_]+|&", long)
    main = [word for word in words if word.lower() not in _MINOR_WORDS]
    initials = {"".join(word[0] for word in chosen).upper() for chosen in (words, main)}
    return letters.upper() in initials and len(main) > 1


def has_chinese(name: str) -> bool:
    """Return whether the name contains Chinese characters."""
    return bool(_HAN.search(name))


def other_script(name: str, other: str) -> bool:
    """Return whether one name has Chinese characters and the other Latin letters."""
    han = bool(_HAN.search(name)), bool(_HAN.search(other))
    latin = name if han[1] else other
    return han[0] != han[1] and bool(re.search("[A-Za-z]{2}", latin))


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


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
