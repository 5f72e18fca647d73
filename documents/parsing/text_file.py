"""Text files in any encoding."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from documents.errors import NotText
from documents.parsing import data_uris, encodings, text_cleaning
from documents.parsing.parsed_document import Image, ParsedDocument

SAMPLE_CHARS = 256 * 1024
"""Length of the part that is searched for control characters."""
MAX_CONTROL_SHARE = 0.1
"""Upper bound on the share of control characters in a text."""
MARKDOWN = frozenset({".md", ".mdx", ".markdown"})

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_DATA_IMAGE = re.compile(r"!\[([^\]]*+)(?:\]\(\s*+<?(data:[^)]*+)(\))?)?")
"""Also matches images without data (no group 3), so that no text is read twice."""


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of the file. Raises NotText. The password is ignored."""
    text = decode(path.read_bytes(), name)
    markdown = path.suffix.lower() in MARKDOWN or Path(name).suffix.lower() in MARKDOWN
    return plain(text, markdown=markdown)


def plain(text: str, *, markdown: bool = False) -> ParsedDocument:
    """Return a cleaned text; images inside Markdown are replaced by their descriptions."""
    matches = _DATA_IMAGE.finditer(text) if markdown else ()
    data_images = [match for match in matches if match[3]]
    if not data_images:
        return ParsedDocument(text_cleaning.clean(text).strip(), markdown=markdown)
    parts, images, length, end = list[str](), list[Image](), 0, 0
    for match in data_images:
        parts.append(text_cleaning.clean(text[end : match.start()] + match[1]))
        end = match.end()
        length += len(parts[-1])
        if content := data_uris.content(match[2]):
            position = length - len(match[1])
            images.append(Image(content, "", match[1].strip(), position=position))
    whole = "".join(parts) + text_cleaning.clean(text[end:])
    indent = len(whole) - len(whole.lstrip())
    shifted = (replace(i, position=max(0, i.position - indent)) for i in images)
    return ParsedDocument(whole.strip(), markdown=True, images=tuple(shifted))


def decode(data: bytes, name: str, *, declared: bool = False) -> str:
    """Decode a text, see `encodings.decode`. Raises NotText."""
    text = encodings.decode(data, declared=declared)
    if text is None or _control_share(text[:SAMPLE_CHARS]) > MAX_CONTROL_SHARE:
        raise NotText(f"'{name}' is not text in any known encoding. Save it as UTF-8.")
    return text


def _control_share(text: str) -> float:
    return len(_CONTROLS.findall(text)) / max(1, len(text))
