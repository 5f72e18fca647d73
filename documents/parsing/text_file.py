"""Text files in any encoding."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import charset_normalizer

from documents.errors import NotText
from documents.parsing import text_cleaning
from documents.parsing.parsed_document import ParsedDocument

SAMPLE_BYTES = 256 * 1024
"""Length of the part from which the encoding is guessed."""
MAX_CONTROL_SHARE = 0.1
"""Upper bound on the share of control characters in a text."""
MIN_VALID_PER_INVALID = 20
"""Lower bound on the valid non-ASCII characters per invalid byte in damaged UTF-8."""
MARKDOWN = frozenset({".md", ".mdx", ".markdown"})

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, longer ones first: that of UTF-32 starts with that of UTF-16."""
_ENCODINGS = [
    *("utf_8", "big5hkscs", "gb18030", "shift_jis", "euc_jp", "euc_kr"),
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("koi8_r", "mac_roman", "utf_16_le", "utf_16_be"),
]
_NON_ASCII = re.compile("[^\x00-\x7f]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of the file. Raises NotText. The password is ignored."""
    text = decode(path.read_bytes(), name)
    markdown = path.suffix.lower() in MARKDOWN or Path(name).suffix.lower() in MARKDOWN
    return ParsedDocument(text_cleaning.clean(text).strip(), markdown=markdown)


def decode(data: bytes, name: str) -> str:
    """Decode a text by its byte order mark, as UTF-8, or in the most likely encoding.

    Raises NotText.
    """
    text = _decode(data)
    if text is None or _control_share(text[:SAMPLE_BYTES]) > MAX_CONTROL_SHARE:
        raise NotText(f"'{name}' is not text in any known encoding. Save it as UTF-8.")
    return text


def _decode(data: bytes) -> str | None:
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode(errors="surrogatepass")
    except UnicodeDecodeError:
        return _damaged_utf8(data) or _guess(data)


def _damaged_utf8(data: bytes) -> str | None:
    """Decode UTF-8 with a few invalid bytes; return None if too many are invalid."""
    text = data.decode(errors="replace")
    sample = text[:SAMPLE_BYTES]
    invalid = sample.count("\ufffd")
    valid = len(_NON_ASCII.findall(sample)) - invalid
    return text if invalid * MIN_VALID_PER_INVALID < valid else None


def _guess(data: bytes) -> str | None:
    sample = data[:SAMPLE_BYTES]
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    matches = charset_normalizer.from_bytes(
        whole_lines, cp_isolation=_ENCODINGS, enable_fallback=False
    )
    best = matches.best()
    return data.decode(best.encoding, errors="replace") if best else None


def _control_share(text: str) -> float:
    return len(_CONTROLS.findall(text)) / max(1, len(text))
