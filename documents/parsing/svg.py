"""SVG images: their texts. Nothing is rendered, and scripts are not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from documents.parsing import block_text, text_file
from documents.parsing.office.package import Element, local, parse_xml
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

TITLES = frozenset({"title", "desc"})
SKIPPED = frozenset({"script", "style", "metadata"})
MAX_PROLOG = 4096
"""Upper bound on the bytes before the root element."""
_ROOT = re.compile(rb"<(?:\w+:)?svg[\s>]", re.IGNORECASE)


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the texts of an image. Raises NotText. The password is ignored."""
    text = text_file.decode(path.read_bytes(), name, declared=True)
    return block_text.compose(blocks(text.encode(errors="replace")), engine="svg")


def is_svg(content: bytes) -> bool:
    """Return whether the content of a file is an SVG image."""
    return content.lstrip()[:1] == b"<" and bool(_ROOT.search(content[:MAX_PROLOG]))


def blocks(content: bytes) -> Iterator[Block]:
    """Yield the texts of an image as one paragraph; nothing if it has none."""
    root = parse_xml(content)
    if root is not None and (lines := texts(root)):
        yield Block(Kind.PARAGRAPH, "\n".join(lines))


def texts(root: Element) -> list[str]:
    """Return the title, the description and the texts of an image, each once in a row."""
    lines = list[str]()
    for line in _texts(root):
        if line and line not in lines[-1:]:
            lines.append(line)
    return lines


def _texts(element: Element) -> Iterator[str]:
    for child in element:
        tag = local(child).lower()
        if tag in SKIPPED or not tag:
            continue
        if tag == "text" or tag in TITLES or tag == "foreignobject":
            yield block_text.one_line(" ".join(_words(child)))
        else:
            yield from _texts(child)


def _words(element: Element) -> Iterator[str]:
    """Yield the text of an element in parts: the lines of a text are `tspan` elements."""
    yield element.text or ""
    for child in element:
        tag = local(child).lower()
        if tag and tag not in SKIPPED | TITLES:
            yield from _words(child)
        yield child.tail or ""
