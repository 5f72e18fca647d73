"""E-books (EPUB): the chapters in the order of the book's spine."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text, data_uris
from documents.parsing.markup import html
from documents.parsing.office.drawings import MAX_IMAGE_BYTES
from documents.parsing.office.package import Package, attribute
from documents.parsing.parsed_document import Block, ParsedDocument

PAGES = (".xhtml", ".html", ".htm", ".xml")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a book. Raises BrokenFile, or EncryptedFile for a protected book."""
    package = Package(path, name)
    if package.has("META-INF/rights.xml") or package.has("META-INF/sinf.xml"):
        raise EncryptedFile(f"'{name}' is protected by DRM. Upload a copy without DRM.")
    return block_text.compose(_blocks(package, name), engine="epub")


def _blocks(package: Package, name: str) -> Iterator[Block]:
    for part in _spine(package, name):
        content = package.read(part)
        if content.strip():
            yield from html.blocks(content, part, read=_reader(package, part))


def _reader(package: Package, page: str) -> html.Read:
    """Return the function that reads the images of a page."""

    def read(address: str) -> bytes:
        folder = posixpath.dirname(page)
        part = posixpath.normpath(posixpath.join(folder, unquote(address)))
        if not package.has(part):
            return data_uris.content(address)
        content = package.read(part)
        return content if len(content) <= MAX_IMAGE_BYTES else b""

    return read


def _spine(package: Package, name: str) -> list[str]:
    """Return the chapters; all pages of the archive if the book has no spine."""
    container = package.required_xml("META-INF/container.xml")
    roots = [attribute(item, "full-path") for item in container.iter("{*}rootfile")]
    for root_part in roots:
        root = package.xml(root_part)
        if root is None:
            continue
        folder = posixpath.dirname(root_part)
        items = {
            attribute(item, "id"): posixpath.normpath(
                posixpath.join(folder, unquote(attribute(item, "href")))
            )
            for item in root.iter("{*}item")
        }
        spine = [
            items.get(attribute(item, "idref"), "") for item in root.iter("{*}itemref")
        ]
        if chapters := [part for part in spine if package.has(part)]:
            return chapters
    pages = [part for part in package.members if part.endswith(PAGES[:3])]
    if not pages:
        raise BrokenFile(f"'{name}' is damaged: it contains no chapters.")
    return sorted(pages)
