"""Detection of the encoding of a text: declared, by byte order mark, or guessed."""

from __future__ import annotations

import codecs
import re
import unicodedata

import chardet

SAMPLE_BYTES = 64 * 1024
"""Length of the part from which the encoding is guessed."""
MIN_VALID_PER_INVALID = 20
"""Lower bound on the valid non-ASCII characters per invalid byte in damaged UTF-8."""
TIE = 0.95
"""Guesses with at least this share of the best confidence are considered equal."""
MIXED_WORDS = 0.3
"""Factor for guesses in which words mix Latin letters with those of another script."""
WESTERN = "cp1252"
"""Preferred among equal guesses, because Western European texts are the most frequent."""

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, longer ones first: that of UTF-32 starts with that of UTF-16."""
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
"""Encodings that are read as one that contains them, as web browsers do."""
_EXCLUDED = [
    *("cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140", "cp1006"),
    *("cp720", "cp864", "cp1125", "kz1048", "ptcp154", "hp-roman8", "utf-7"),
    *("mac-cyrillic", "mac-greek", "mac-latin2", "mac-iceland", "mac-turkish"),
]
_DECLARED = (
    re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE),
    re.compile(
        rb"<meta[^>]{0,500}?charset\s*+=\s*+[\"']?+\s*+([\w.:-]+)", re.IGNORECASE
    ),
    re.compile(rb"^\s*@charset\s+\"([\w.:-]+)\"", re.IGNORECASE),
)
_DECLARATION_BYTES = 4096
_NON_ASCII = re.compile("[^\x00-\x7f]")
_MIXED_WORD = re.compile(r"[A-Za-z][^\W\d_A-Za-z]|[^\W\d_A-Za-z][A-Za-z]")
_ODD = re.compile("[\x80-\x9f\ufffd]")


def decode(data: bytes, *, declared: bool = False) -> str | None:
    """Return the decoded text; None if no encoding fits.

    With `declared`, the encoding that an HTML or XML text declares is used if the text can
    be decoded with it, except if the text is valid UTF-8 with non-ASCII characters.
    """
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if declared and (text := _as_declared(data)) is not None:
        return text
    if b"\x1b$" in data[:SAMPLE_BYTES] and (text := _strict(data, "iso2022_jp_2")):
        return text
    try:
        text = data.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        text = _damaged_utf8(data)
    if text is not None and not _looks_like_utf16(data):
        return text
    return _guess(data)


def codec_of(name: str) -> str:
    """Return the name of the codec of a declared encoding; empty if it is unknown."""
    try:
        codec = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return ""
    is_text = getattr(codec, "_is_text_encoding", True)
    return _SUPERSETS.get(codec.name, codec.name) if is_text else ""


def _as_declared(data: bytes) -> str | None:
    head = data[:_DECLARATION_BYTES].replace(b"\0", b"")
    for pattern in _DECLARED:
        match = pattern.search(head)
        encoding = codec_of(match[1].decode("ascii", "replace")) if match else ""
        if not encoding:
            continue
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, ValueError):
            continue
        if not data.isascii() and _is_utf8(data):
            return data.decode()
        # A page that declares UTF-16 but whose declaration is readable is not UTF-16.
        if "<" in text[:_DECLARATION_BYTES]:
            return text
    return None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _damaged_utf8(data: bytes) -> str | None:
    """Decode UTF-8 with a few invalid bytes; return None if too many are invalid."""
    text = data.decode(errors="replace")
    sample = text[:SAMPLE_BYTES]
    invalid = sample.count("\ufffd")
    valid = len(_NON_ASCII.findall(sample)) - invalid
    return text if invalid * MIN_VALID_PER_INVALID < valid else None


def _looks_like_utf16(data: bytes) -> bool:
    """Return whether every second byte of a sample is mostly NUL."""
    sample = data[:SAMPLE_BYTES]
    half = max(1, len(sample) // 2)
    return any(sample[start::2].count(0) > half * 0.4 for start in (0, 1))


def _guess(data: bytes) -> str | None:
    sample = data[:SAMPLE_BYTES]
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    if len(data) > SAMPLE_BYTES and whole_lines.isascii():
        whole_lines = _around_first_high_byte(data)
    wide = _utf16(sample)
    if wide:
        return data.decode(wide, errors="replace")
    encoding = _best(whole_lines) or WESTERN
    text = data.decode(encoding, errors="replace")
    return text if text.count("\ufffd") * 100 <= len(text) else None


def _around_first_high_byte(data: bytes) -> bytes:
    match = re.search(rb"[\x80-\xff]", data)
    at = match.start() if match else 0
    return data[data.rfind(b"\n", 0, at) + 1 :][:SAMPLE_BYTES]


def _utf16(sample: bytes) -> str:
    """Return the byte order of UTF-16 without a mark; empty if it is not UTF-16."""
    sample = sample[: len(sample) // 2 * 2]
    scores = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = _usual_share(text)
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    second_score = max((s for e, s in scores.items() if e != best), default=0.0)
    is_clear = best and scores[best] > 0.95 and scores[best] > second_score + 0.2
    return (
        best
        if is_clear and b"\0" in sample
        else best
        if is_clear and _has_ends(sample, best)
        else ""
    )


def _has_ends(sample: bytes, encoding: str) -> bool:
    """Return whether enough characters are line ends or East Asian punctuation."""
    text = sample.decode(encoding)
    return len(re.findall("[\n。、，．！？\u3000]", text)) * 200 > len(text)


def _usual_share(text: str) -> float:
    """Return the share of characters of the scripts that are usually written."""
    usual = re.findall(
        "[\t\n\r -~\u00a0-\u024f\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u1e00-\u1eff"
        "\u2010-\u203a\u20ac\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff01-\uff5e]",
        text,
    )
    return len(usual) / max(1, len(text))


def _best(sample: bytes) -> str:
    guesses = chardet.detect_all(
        sample, ignore_threshold=True, exclude_encodings=_EXCLUDED
    )
    scores = dict[str, float]()
    for guess in guesses:
        encoding = codec_of(guess["encoding"] or "")
        text = _strict(sample, encoding) if encoding else None
        if text is not None:
            score = (guess["confidence"] or 0.0) * _plausibility(text)
            scores[encoding] = max(scores.get(encoding, 0.0), score)
    if WESTERN not in scores and (text := _strict(sample, WESTERN)) is not None:
        scores[WESTERN] = 0.01 * _plausibility(text)
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    is_tie = best and scores.get(WESTERN, 0.0) >= scores[best] * TIE
    return WESTERN if is_tie else best


def _strict(sample: bytes, encoding: str) -> str | None:
    """Decode a sample that may end within a character; return None if it is invalid."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except (UnicodeDecodeError, LookupError):
        return None


def _plausibility(text: str) -> float:
    """Return 1, or less if the text contains what a correct decoding rarely contains."""
    letters = _NON_ASCII.findall(text)
    if not letters:
        return 1.0
    mixed = sum(
        not unicodedata.name("".join(_NON_ASCII.findall(word)), "LATIN").startswith(
            "LATIN"
        )
        for word in _MIXED_WORD.findall(text)
    )
    odd = len(_ODD.findall(text))
    factor = MIXED_WORDS if mixed * 4 > len(letters) else 1.0
    return factor * (0.5 if odd * 10 > len(letters) else 1.0)
