"""When two names are one name, written differently. Pure.

Case, width, accents, punctuation, a leading article, a plural, the script of Chinese
characters (Traditional, Simplified) and an abbreviation in brackets do not make another
name. People's names are the danger: "Roger" and "Rogers" look like a plural, so who
merges by this key must look at more than the key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

# Of Latin letters only: elsewhere a mark makes another letter.
_ACCENTS = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_NO_WORD = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_ARTICLE = re.compile(r"^(?:the|an?) (?=\S)")
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_HAN = re.compile("[\u3400-\u9fff]")
_BRACKETS = re.compile(r"^(.+?)\s*[(（]\s*([^()（）]+?)\s*[)）]$")
_SHORT = re.compile(r"(?=(?:.*[A-Z]){2})[A-Za-z&]{2,8}$")
_LITTLE = frozenset(
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
    """The name without what is only spelling: case, width, accents, punctuation."""
    if _HAN.search(name):
        name = _simplified().convert(name)
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", folded))
    joined = _POSSESSIVE.sub("s", _NUMBER_COMMA.sub("", bare)).replace(".", "")
    return _NO_WORD.sub(" ", joined).strip()


def key(name: str) -> str:
    """`spelling` without a leading article, its last word in the singular.

    Without its own abbreviation too: "World Health Organization (WHO)". Other words in
    brackets tell things apart: "Mercury (planet)".
    """
    words = _ARTICLE.sub("", spelling(without_abbreviation(name))).split(" ")
    words[-1] = _singular(words[-1])
    return " ".join(words)


def without_abbreviation(name: str) -> str:
    """The name without brackets that hold its initials."""
    found = _BRACKETS.match(name)
    return found[1] if found and abbreviates(found[2], found[1]) else name


def abbreviates(short: str, long: str) -> bool:
    """Whether `short` is made of the initials of `long`, all or those of its main words."""
    letters = short.replace(".", "")
    if not _SHORT.match(letters):
        return False
    words = re.findall(r"[^\W_]+|&", long)
    main = [word for word in words if word.lower() not in _LITTLE]
    initials = {"".join(word[0] for word in some).upper() for some in (words, main)}
    return letters.upper() in initials and len(main) > 1


def has_chinese(name: str) -> bool:
    """Whether there are Chinese characters in it."""
    return bool(_HAN.search(name))


def other_script(one: str, other: str) -> bool:
    """Whether one name is written in Chinese characters and the other in Latin letters."""
    han = bool(_HAN.search(one)), bool(_HAN.search(other))
    latin = one if han[1] else other
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
