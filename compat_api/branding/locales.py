"""Languages by their BCP 47 tags, as far as a customisation names them."""

from __future__ import annotations

import re

LONGEST = 35
SUBTAG = re.compile(r"[A-Za-z0-9]{1,8}")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}")
EXTENSION = re.compile(r"[a-z]{3}")
SCRIPT = re.compile(r"[A-Z][a-z]{3}")
REGION = re.compile(r"[A-Za-z]{2}|\d{3}")
RIGHT_TO_LEFT = frozenset(
    [
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "iw",
        "ks",
        "ps",
        "sd",
        "syr",
        "ug",
        "ur",
        "yi",
    ]
)
RIGHT_TO_LEFT_SCRIPTS = frozenset(
    ["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"]
)


def normalised(tag: str) -> str:
    """`zh-tw` as `zh-TW`; raises ValueError for what is no tag, such as `zh_TW`."""
    subtags = tag.strip().split("-")
    fits = len(tag) <= LONGEST and all(map(SUBTAG.fullmatch, subtags))
    if not fits or not LANGUAGE.fullmatch(subtags[0]):
        raise ValueError(f"Invalid locale: {tag}")
    language, *rest = subtags
    return "-".join([language.lower(), *map(_in_its_case, rest)])


def _in_its_case(subtag: str) -> str:
    """Scripts have a capital, regions are capitals, the rest is small."""
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if REGION.fullmatch(subtag) else subtag.lower()


def direction(tag: str) -> str:
    """`rtl` or `ltr`, of a normalised tag: by its script, or else its language's own."""
    language, *rest = tag.split("-")
    while rest and EXTENSION.fullmatch(rest[0]):
        rest.pop(0)
    if rest and SCRIPT.fullmatch(rest[0]):
        return "rtl" if rest[0] in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
