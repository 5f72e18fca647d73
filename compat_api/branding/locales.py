"""BCP 47 language tags, as far as customization bundles need them."""

from __future__ import annotations

import re

MAX_LENGTH = 35
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


def normalize(tag: str) -> str:
    """Return `zh-TW` for `zh-tw`; raise ValueError for an invalid tag such as `zh_TW`."""
    subtags = tag.strip().split("-")
    is_valid = len(tag) <= MAX_LENGTH and all(map(SUBTAG.fullmatch, subtags))
    if not is_valid or not LANGUAGE.fullmatch(subtags[0]):
        raise ValueError(f"Invalid locale: {tag}")
    language, *others = subtags
    return "-".join([language.lower(), *map(_with_case, others)])


def _with_case(subtag: str) -> str:
    """Return a script in title case, a region in upper case, others in lower case."""
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if REGION.fullmatch(subtag) else subtag.lower()


def direction(tag: str) -> str:
    """Return `rtl` or `ltr` for a normalized tag, by its script or else its language."""
    language, *subtags = tag.split("-")
    while subtags and EXTENSION.fullmatch(subtags[0]):
        subtags.pop(0)
    if subtags and SCRIPT.fullmatch(subtags[0]):
        return "rtl" if subtags[0] in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
