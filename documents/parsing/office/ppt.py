"""PowerPoint files of versions before 2007 (PPT), as specified in [MS-PPT]."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import olefile

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text
from documents.parsing.office import embedded, symbols
from documents.parsing.parsed_document import Attachment, Block, Kind, ParsedDocument

_USER_EDIT, _PERSIST = 0x0FF5, 0x1772
_DOCUMENT, _SLIDE, _MASTER, _NOTES = 0x03E8, 0x03EE, 0x03F8, 0x03F0
_HANDOUT = 0x0FC9
_LIST_WITH_TEXT, _SLIDE_PERSIST = 0x0FF0, 0x03F3
_HEADER, _CHARS, _BYTES = 0x0F9F, 0x0FA0, 0x0FA8
_OUTLINE_REFERENCE, _PLACEHOLDER = 0x0F9E, 0x0BC3
_STYLE, _STRING, _COMMENT = 0x0FA1, 0x0FBA, 0x2EE0
_HEADERS_FOOTERS, _OLE_STORAGE = 0x0FD9, 0x1011
_SHAPE, _GROUP, _ANCHOR, _OPTIONS = 0xF004, 0xF003, 0xF00F, 0xF122
_TITLES = frozenset({0, 6})
"""Types of texts: title and centered title."""
_BODIES = frozenset({1, 5, 7, 8})
_NOTES_BODY, _OTHER, _MARGIN = 2, 4, -1
_MASTER_TEXTS = frozenset({7, 8, 9, 10})
"""Placeholders for dates, numbers, footers and headers."""
_TAG_DATA = 0x138B
"""Data of a program, which contains records although it is not marked as a container."""
_SLIDES, _NOTES_LIST = 0, 2
_END = str.maketrans({"\r": "\n", "\x0b": "\n"})
MAX_DEPTH = 30


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a presentation; pages are slides.

    Raises BrokenFile or EncryptedFile.
    """
    try:
        with olefile.OleFileIO(str(path)) as ole:
            if ole.exists("EncryptedSummary"):
                raise EncryptedFile(
                    f"'{name}' is encrypted. Upload it without a password."
                )
            data = ole.openstream("PowerPoint Document").read()
            current = (
                ole.openstream("Current User").read()
                if ole.exists("Current User")
                else b""
            )
        presentation = _Presentation(data, current)
        blocks = list(presentation.blocks())
        attachments = list(presentation.attachments())
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    return block_text.compose(
        symbols.decoded(blocks), engine="ppt", attachments=attachments
    )


@dataclass(frozen=True, slots=True)
class _Record:
    """A record; `start` and `end` limit its content."""

    kind: int
    instance: int
    container: bool
    start: int
    end: int


@dataclass(slots=True)
class _Texts:
    """The texts of a slide in the outline, in order."""

    items: list[tuple[int, str]] = field(default_factory=list)


class _Presentation:
    def __init__(self, data: bytes, current: bytes) -> None:
        self.data = data
        self.persist = self._persist_directory(current)
        self.outline = dict[int, _Texts]()
        self.seen = set[str]()

    def _records(self, start: int, end: int) -> Iterator[_Record]:
        while start + 8 <= end:
            version, kind, length = struct.unpack_from("<HHI", self.data, start)
            stop = min(start + 8 + length, end)
            yield _Record(kind, version >> 4, version & 0xF == 0xF, start + 8, stop)
            start = stop if length else start + 8

    def _children(self, record: _Record) -> Iterator[_Record]:
        return self._records(record.start, record.end)

    def _all(self, record: _Record, depth: int = 0) -> Iterator[_Record]:
        for child in self._children(record):
            yield child
            if (child.container or child.kind == _TAG_DATA) and depth < MAX_DEPTH:
                yield from self._all(child, depth + 1)

    def _at(self, offset: int) -> _Record | None:
        return next(self._records(offset, len(self.data)), None)

    def _persist_directory(self, current: bytes) -> dict[int, int]:
        """Return the offsets of the objects by id; later edits replace earlier ones."""
        directory = dict[int, int]()
        offset = struct.unpack_from("<I", current, 16)[0] if len(current) >= 20 else 0
        visited = set[int]()
        while offset and offset not in visited and offset + 36 <= len(self.data):
            visited.add(offset)
            if struct.unpack_from("<H", self.data, offset + 2)[0] != _USER_EDIT:
                break
            previous, table = struct.unpack_from("<II", self.data, offset + 16)
            record = self._at(table)
            if record is not None and record.kind == _PERSIST:
                directory = self._persisted(record) | directory
            offset = previous
        return directory

    def _persisted(self, record: _Record) -> dict[int, int]:
        offsets, at = dict[int, int](), record.start
        while at + 4 <= record.end:
            head = struct.unpack_from("<I", self.data, at)[0]
            first, count = head & 0xFFFFF, head >> 20
            values = struct.unpack_from(f"<{count}I", self.data, at + 4)
            offsets |= {first + index: value for index, value in enumerate(values)}
            at += 4 + 4 * count
        return offsets

    def _roots(self) -> Iterator[_Record]:
        """Yield the current objects; all top records if the directory is missing."""
        if not self.persist:
            yield from self._records(0, len(self.data))
        for _, offset in sorted(self.persist.items()):
            record = self._at(offset)
            if record is not None:
                yield record

    def blocks(self) -> Iterator[Block]:
        roots = list(self._roots())
        document = next((r for r in roots if r.kind == _DOCUMENT), None)
        slides = self._slides(document) if document else []
        notes = self._notes_by_slide(document) if document else {}
        if not slides:
            slides = [(0, record) for record in roots if record.kind == _SLIDE]
        masters = [record for record in roots if record.kind == _MASTER]
        for number, (identifier, slide) in enumerate(slides, 1):
            content = [*self._slide(slide, identifier)]
            content += [
                Block(Kind.NOTE, f"Notes: {text}") for text in notes.get(identifier, [])
            ]
            for block in content:
                yield replace(block, page=number)
        for record in roots:
            yield from self._footers(record)
        for master in masters:
            yield from self._master(master)
        for record in roots:
            if record.kind == _HANDOUT or self._is_notes_master(record):
                yield from self._margins(record)

    def _slides(self, document: _Record) -> list[tuple[int, _Record]]:
        """Return the slides in order, with their ids, and store the outline texts."""
        slides = list[tuple[int, _Record]]()
        for records in self._lists(document, _SLIDES):
            texts, kind = _Texts(), 4
            for record in self._children(records):
                if record.kind == _SLIDE_PERSIST:
                    reference = struct.unpack_from("<I", self.data, record.start)[0]
                    identifier = struct.unpack_from("<I", self.data, record.start + 12)[
                        0
                    ]
                    texts, kind = _Texts(), 4
                    self.outline[identifier] = texts
                    slide = self._at(self.persist.get(reference, len(self.data)))
                    if slide is not None and slide.kind == _SLIDE:
                        slides.append((identifier, slide))
                elif record.kind == _HEADER:
                    kind = self._number(record)
                    texts.items.append((kind, ""))
                elif record.kind in {_CHARS, _BYTES} and texts.items:
                    texts.items[-1] = (kind, self._string(record))
        return slides

    def _lists(self, document: _Record, instance: int) -> Iterator[_Record]:
        for record in self._children(document):
            if record.kind == _LIST_WITH_TEXT and record.instance == instance:
                yield record

    def _notes_by_slide(self, document: _Record) -> dict[int, list[str]]:
        notes = dict[int, list[str]]()
        for records in self._lists(document, _NOTES_LIST):
            for record in self._children(records):
                if record.kind != _SLIDE_PERSIST:
                    continue
                reference = struct.unpack_from("<I", self.data, record.start)[0]
                page = self._at(self.persist.get(reference, len(self.data)))
                if page is None or page.kind != _NOTES:
                    continue
                texts = [
                    text
                    for kind, text in self._texts(page, 0)
                    if kind in {_NOTES_BODY, _OTHER} and text
                ]
                notes.setdefault(self._slide_of(page), []).extend(texts)
        return notes

    def _slide_of(self, notes: _Record) -> int:
        """Return the id of the slide to which notes belong; 0 for the notes master."""
        atom = next(self._children(notes), None)
        return self._number(atom) if atom else 0

    def _is_notes_master(self, record: _Record) -> bool:
        return record.kind == _NOTES and self._slide_of(record) == 0

    def _string(self, record: _Record) -> str:
        content = self.data[record.start : record.end]
        encoding = "latin-1" if record.kind == _BYTES else "utf-16-le"
        text = content.decode(encoding, "replace").translate(_END).strip("\0\n ")
        return "" if text == "*" else text  # the number of the slide

    def _texts(self, slide: _Record, identifier: int) -> Iterator[tuple[int, str]]:
        """Yield the texts of the shapes of a slide, with the type of each text.

        The type of dates, footers and headers is _MARGIN. Texts of the outline to which no
        shape refers come last.
        """
        outline = self.outline.get(identifier, _Texts()).items
        used = set[int]()
        kind, is_margin = _OTHER, False
        for record in self._all(slide):
            match record.kind:
                case 0xF004:
                    kind, is_margin = _OTHER, False
                case 0x0BC3:
                    is_margin = self._is_margin(record.start + 4, record)
                case 0x0420:
                    is_margin = self._is_margin(record.start, record)
                case 0x0F9F:
                    kind = self._number(record)
                case 0x0FA0 | 0x0FA8:
                    yield (_MARGIN if is_margin else kind), self._string(record)
                case 0x0F9E if self._number(record) < len(outline):
                    used.add(self._number(record))
                    yield outline[self._number(record)]
        yield from (item for n, item in enumerate(outline) if n not in used)

    def _number(self, record: _Record) -> int:
        return int(struct.unpack_from("<I", self.data, record.start)[0])

    def _is_margin(self, position: int, placeholder: _Record) -> bool:
        return position < placeholder.end and self.data[position] in _MASTER_TEXTS

    def _slide(self, slide: _Record, identifier: int) -> Iterator[Block]:
        texts = [(kind, text) for kind, text in self._texts(slide, identifier) if text]
        titles = [text for kind, text in texts if kind in _TITLES]
        for title in titles:
            yield Block(Kind.HEADING, title)
        cells = self._tables(slide)
        for table in cells:
            yield Block(Kind.TABLE, rows=table)
        in_tables = {cell for table in cells for row in table for cell in row}
        for kind, text in texts:
            if kind in _TITLES or text in in_tables:
                continue
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if kind == _MARGIN:
                yield from self._margin(text)
            elif kind in _BODIES and len(lines) > 1:
                yield from (Block(Kind.LIST, f"- {line}") for line in lines)
            else:
                yield Block(Kind.PARAGRAPH, "\n".join(lines))
        yield from self._comments(slide)

    def _margin(self, text: str) -> Iterator[Block]:
        if text not in self.seen:
            self.seen.add(text)
            yield Block(Kind.MARGIN, text)

    def _tables(self, slide: _Record) -> list[tuple[tuple[str, ...], ...]]:
        """Return the tables: groups of shapes whose positions form rows and columns."""
        tables = list[tuple[tuple[str, ...], ...]]()
        for group in self._all(slide):
            if group.kind != _GROUP or not group.container:
                continue
            shapes = [
                self._cell(shape)
                for shape in self._children(group)
                if shape.kind == _SHAPE
            ]
            cells = [cell for cell in shapes[1:] if cell and cell[2]]
            rows = sorted({top for top, _, _ in cells})
            columns = sorted({left for _, left, _ in cells})
            if len(rows) < 2 or len(columns) < 2 or not self._is_table(group):
                continue
            grid = {(top, left): text for top, left, text in cells}
            table = tuple(
                tuple(grid.get((top, left), "") for left in columns) for top in rows
            )
            tables.append(tuple(row for row in table if any(row)))
        return tables

    def _is_table(self, group: _Record) -> bool:
        """Return whether the first shape of a group has the properties of a table."""
        first = next((s for s in self._children(group) if s.kind == _SHAPE), None)
        if first is None:
            return False
        for record in self._children(first):
            if record.kind == _OPTIONS:
                for at in range(record.start, record.start + record.instance * 6, 6):
                    if struct.unpack_from("<H", self.data, at)[0] & 0x3FFF == 0x039F:
                        return True
        return False

    def _cell(self, shape: _Record) -> tuple[int, int, str] | None:
        anchor, text = None, ""
        for record in self._all(shape):
            if record.kind == _ANCHOR and record.end - record.start >= 16:
                left, top = struct.unpack_from("<ii", self.data, record.start)
                anchor = (top, left)
            elif record.kind in {_CHARS, _BYTES}:
                text = self._string(record)
        return (*anchor, text) if anchor else None

    def _comments(self, slide: _Record) -> Iterator[Block]:
        for record in self._all(slide):
            if record.kind != _COMMENT:
                continue
            strings = {
                child.instance: self._utf16(child)
                for child in self._children(record)
                if child.kind == _STRING
            }
            author, text = strings.get(0, ""), strings.get(1, "")
            by = f" by {author}" if author else ""
            if text:
                yield Block(Kind.NOTE, f"Comment{by}: {text}")

    def _utf16(self, record: _Record) -> str:
        content = self.data[record.start : record.end]
        return content.decode("utf-16-le", "replace").translate(_END).strip("\0\n ")

    def _footers(self, root: _Record) -> Iterator[Block]:
        """Yield once the headers, footers and dates of a slide, note or presentation."""
        for record in self._children(root):
            if record.kind == _HEADERS_FOOTERS:
                for child in self._children(record):
                    if child.kind == _STRING and (text := self._utf16(child)):
                        yield from self._margin(text)

    def _margins(self, master: _Record) -> Iterator[Block]:
        """Yield the headers and footers of the printed notes or handouts."""
        for kind, text in self._texts(master, 0):
            if kind == _MARGIN and text:
                yield from self._margin(text)

    def _master(self, master: _Record) -> Iterator[Block]:
        """Yield the texts of a master that are not placeholders, each master once."""
        for shape in self._all(master):
            if shape.kind != _SHAPE:
                continue
            inner = list(self._all(shape))
            if any(record.kind == _PLACEHOLDER for record in inner):
                continue
            for record in inner:
                if record.kind in {_CHARS, _BYTES}:
                    text = self._string(record)
                    if text:
                        yield from self._margin(text)

    def attachments(self) -> Iterator[Attachment]:
        """Yield embedded files; those of charts and of other OLE servers are left out."""
        for number, root in enumerate(self._roots(), 1):
            if root.kind != _OLE_STORAGE:
                continue
            content = self.data[root.start : root.end]
            if root.instance == 1:
                try:
                    content = zlib.decompress(content[4:])
                except zlib.error:
                    continue
            yield from embedded.of_object(content, f"object{number}.bin")
