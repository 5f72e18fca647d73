"""Access to the parts of an OOXML file, and to the XML members of other ZIP archives."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

from lxml import etree

from documents.errors import BrokenFile

MAX_PART_BYTES = 512 * 1024**2
"""Upper bound on the unpacked size of one part."""
RELATIONSHIP_ID = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
)
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": (
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/presentationml/main": (
        b"http://schemas.openxmlformats.org/presentationml/2006/main"
    ),
    b"http://purl.oclc.org/ooxml/drawingml/": (
        b"http://schemas.openxmlformats.org/drawingml/2006/"
    ),
    b"http://purl.oclc.org/ooxml/officeDocument/": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/"
    ),
}
"""The namespaces of "Strict Open XML" files, and those of all others."""

Element: TypeAlias = Any
"""An element of lxml, which has no type annotations."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from a part to another one; `target` is a part name, or an address."""

    kind: str
    target: str
    external: bool


class Package:
    """An opened archive. Its methods raise BrokenFile for damaged members."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise BrokenFile(f"'{name}' is damaged: {error}.") from error
        self.members = {
            member.filename.replace("\\", "/").lstrip("/").lower(): member
            for member in self.archive.infolist()
        }

    def has(self, part: str) -> bool:
        return part.lower() in self.members

    def read(self, part: str) -> bytes:
        """Return the content of a part; empty if the part is missing."""
        member = self.members.get(part.lower())
        if member is None or member.file_size > MAX_PART_BYTES:
            return b""
        try:
            return self.archive.read(member)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
            raise BrokenFile(f"'{self.name}' is damaged: {error}.") from error
        except NotImplementedError as error:
            raise BrokenFile(f"'{self.name}' can't be unpacked: {error}.") from error

    def xml(self, part: str) -> Element | None:
        """Return the root of an XML part; None if it is missing, blank or damaged."""
        content = self.read(part)
        for strict, transitional in _STRICT.items():
            content = content.replace(strict, transitional)
        return parse_xml(content)

    def required_xml(self, part: str) -> Element:
        """Return the root of an XML part. Raises BrokenFile if there is none."""
        root = self.xml(part)
        if root is None or not len(root):
            raise BrokenFile(f"'{self.name}' is damaged: {part} is not valid XML.")
        return root

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relations of a part by id."""
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return {}
        return {
            item.get("Id", ""): _relation(item, folder)
            for item in root.iterchildren("{*}Relationship")
        }

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts to which `part` is linked by relations of this kind."""
        return [
            relation.target
            for relation in self.relations(part).values()
            if relation.kind == kind and not relation.external
        ]


def parse_xml(content: bytes, *, comments: bool = False) -> Element | None:
    """Return the root; entities are not expanded and no other file is read.

    A part that is not well-formed is read as far as possible.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        recover=True,
        remove_comments=not comments,
        remove_pis=True,
        huge_tree=True,
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str, default: str = "") -> str:
    """Return the attribute with this local name, in any namespace."""
    if name in element.attrib:
        return str(element.attrib[name])
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return default


def _relation(item: Element, folder: str) -> Relation:
    target = unquote(item.get("Target", ""))
    external = item.get("TargetMode") == "External"
    if not external:
        target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return Relation(item.get("Type", "").rpartition("/")[2], target, external)
