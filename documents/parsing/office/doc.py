"""Word files of versions before 2007 (DOC), as specified in [MS-DOC]."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import olefile

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text
from documents.parsing.office import embedded, symbols
from documents.parsing.office.doc_properties import Paragraphs, word_lists
from documents.parsing.office.numbering import BULLET, WordLists
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

WORD_97 = 193
"""The first version (`nFib`) whose text may be Unicode and has a table stream."""
_ENCRYPTED, _SECOND_TABLE, _COMPLEX = 0x0100, 0x0200, 0x0004
_COUNTS = {WORD_97: 76, 0: 52}
"""Offset of the lengths of the subdocuments, in Word 97 and before."""
_FOOTNOTES, _COMMENTS, _HEADERS, _CLX, _ENDNOTES = 2, 4, 11, 33, 46
"""Indices of tables in the file information block; the texts follow the references."""
_REPLACED = str.maketrans(
    {"\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": "", "\xa0": " "}
)
_SPECIAL = re.compile("[\x00-\x06\x08\x0f-\x12\x16-\x1d]")
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a file. Raises BrokenFile or EncryptedFile."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            document = _Document(ole, name)
            blocks = list(document.blocks())
            attachments = list(embedded.of_pool(ole))
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    return block_text.compose(
        symbols.decoded(blocks), engine="doc", attachments=attachments
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters from `start` on that are stored at `offset`, one or two bytes each."""

    start: int
    end: int
    offset: int
    width: int


@dataclass(slots=True)
class _Table:
    rows: list[tuple[str, ...]] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)


class _Document:
    def __init__(self, ole: olefile.OleFileIO, name: str) -> None:
        self.main = ole.openstream("WordDocument").read()
        self.version, flags = struct.unpack_from("<H6xH", self.main, 2)
        if flags & _ENCRYPTED:
            raise EncryptedFile(f"'{name}' is encrypted. Upload it without a password.")
        self.is_97 = self.version >= WORD_97
        table = "1Table" if flags & _SECOND_TABLE else "0Table"
        if self.is_97 and not ole.exists(table):
            table = "1Table" if table == "0Table" else "0Table"
        self.table = ole.openstream(table).read() if self.is_97 else self.main
        counts = struct.unpack_from(
            "<8I", self.main, _COUNTS[WORD_97 if self.is_97 else 0]
        )
        self.lengths = dict(
            zip(
                (
                    "text",
                    "notes",
                    "headers",
                    "macros",
                    "comments",
                    "endnotes",
                    "boxes",
                    "header_boxes",
                ),
                counts,
                strict=True,
            )
        )
        self.pieces = self._pieces(complex_file=bool(flags & _COMPLEX))
        self.starts = [piece.start for piece in self.pieces]
        self.text = "".join(map(self._decode, self.pieces))
        self.paragraphs = (
            Paragraphs.of(self.main, self.table) if self.is_97 else Paragraphs()
        )
        self.lists = word_lists(self.main, self.table) if self.is_97 else WordLists()

    def _structure(self, index: int) -> bytes:
        """Return a structure of the table stream by its index."""
        at = 154 + 8 * index
        if not self.is_97 or at + 8 > len(self.main):
            return b""
        offset, length = struct.unpack_from("<II", self.main, at)
        return bytes(self.table[offset : offset + length])

    def _pieces(self, *, complex_file: bool) -> list[_Piece]:
        clx = self._structure(_CLX)
        if not self.is_97 and complex_file:
            offset, length = struct.unpack_from("<II", self.main, 0x160)
            clx = self.main[offset : offset + length]
        at = 0
        while at + 3 < len(clx) and clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        if at + 5 > len(clx) or clx[at] != 2:
            start, end = struct.unpack_from("<II", self.main, 0x18)
            return [_Piece(0, end - start, start, 1)]
        return self._piece_table(clx[at + 5 :])

    def _piece_table(self, plc: bytes) -> list[_Piece]:
        count = (len(plc) - 4) // 12
        positions = struct.unpack_from(f"<{count + 1}I", plc)
        pieces = list[_Piece]()
        for index in range(count):
            offset = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
            width = 1 if offset & 0x40000000 or not self.is_97 else 2
            if offset & 0x40000000:
                offset = (offset & 0x3FFFFFFF) // 2
            pieces.append(_Piece(positions[index], positions[index + 1], offset, width))
        return pieces

    def _decode(self, piece: _Piece) -> str:
        size = (piece.end - piece.start) * piece.width
        data = self.main[piece.offset : piece.offset + size]
        if piece.width == 1:
            text = str(data.decode("cp1252", "replace"))
            return text.ljust(piece.end - piece.start, "\0")
        # Lone surrogates keep the length of the text equal to the number of positions.
        units = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
        return str.ljust("".join(map(chr, units)), piece.end - piece.start, "\0")

    def _offset(self, position: int) -> int:
        """Return where the file stores the character at this position."""
        index = max(0, bisect_right(self.starts, position) - 1)
        piece = self.pieces[index]
        return piece.offset + (position - piece.start) * piece.width

    def _range(self, part: str) -> tuple[int, int]:
        start = 0
        for key, length in self.lengths.items():
            if key == part:
                return start, min(start + length, len(self.text))
            start += length
        return 0, 0

    def blocks(self) -> Iterator[Block]:
        headers = list(self._headers())
        yield from headers
        notes = self._notes()
        yield from self._body(*self._range("text"), notes)
        for part in ("boxes", "header_boxes"):
            yield from self._body(*self._range(part), {})

    def _headers(self) -> Iterator[Block]:
        """Yield each text of the page headers and footers once."""
        start, end = self._range("headers")
        plc = self._structure(_HEADERS)
        count = len(plc) // 4
        positions = struct.unpack_from(f"<{count}I", plc) if count else ()
        seen = set[str]()
        spans = list(pairwise(positions[6:])) or [(0, end - start)]
        for first, last in spans:
            text = self._plain(start + first, min(start + last, end))
            if text and text not in seen:
                seen.add(text)
                yield Block(Kind.MARGIN, text)

    def _notes(self) -> dict[int, list[Block]]:
        """Return footnotes, endnotes and comments by the position that refers to them."""
        notes = dict[int, list[Block]]()
        for part, index, label in (
            ("notes", _FOOTNOTES, "Footnote"),
            ("endnotes", _ENDNOTES, "Endnote"),
            ("comments", _COMMENTS, "Comment"),
        ):
            start, end = self._range(part)
            texts = _positions(self._structure(index + 1), 0)
            size = {"comments": 30}.get(part, 2)
            references = _positions(self._structure(index), size)
            for number, reference in enumerate(references[:-1]):
                if number + 1 >= len(texts):
                    break
                first, last = start + texts[number], min(start + texts[number + 1], end)
                if text := self._plain(first, last):
                    block = Block(Kind.NOTE, f"{label}: {text}")
                    notes.setdefault(reference, []).append(block)
            if not references and (text := self._plain(start, end)):
                notes.setdefault(self.lengths["text"], []).append(
                    Block(Kind.NOTE, f"{label}: {text}")
                )
        return notes

    def _plain(self, start: int, end: int) -> str:
        text = _without_fields(self.text[start:end].replace("\x07", "\t"))
        lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
        return "\n".join(filter(None, lines))

    def _body(
        self, start: int, end: int, notes: dict[int, list[Block]]
    ) -> Iterator[Block]:
        table, depth = _Table(), 0
        position = start
        parts = ""
        for match in re.finditer(
            "[^\r\x07\x0c]*[\r\x07\x0c]|[^\r\x07\x0c]+", self.text[start:end]
        ):
            raw = match[0]
            first, position = start + match.start(), start + match.end()
            parts += raw
            depth += raw.count("\x13") - raw.count("\x15")
            if depth > 0 and len(parts) < 20_000 and raw[-1] not in "\x07":
                continue  # a field that spans paragraphs, such as a table of contents
            depth = 0
            yield from self._paragraph(parts, position - 1, table)
            parts = ""
            yield from self._following(notes, first, position)
        yield from _end_table(table)
        for items in notes.values():
            yield from items

    def _following(
        self, notes: dict[int, list[Block]], first: int, last: int
    ) -> Iterator[Block]:
        for position in [key for key in notes if key < last]:
            yield from notes.pop(position)

    def _paragraph(self, raw: str, position: int, table: _Table) -> Iterator[Block]:
        properties = self.paragraphs.at(self._offset(position))
        text = _without_fields(raw.rstrip("\r\x07"))
        in_table = properties.in_table or raw.endswith("\x07")
        if not in_table:
            yield from _end_table(table)
            yield from self._block(text, properties.level, properties.number)
            return
        if raw.endswith("\x07"):
            ends_row = properties.row_end or (
                not self.is_97 and raw == "\x07" and not table.cell and bool(table.row)
            )
            if ends_row:
                table.rows.append(tuple(table.row))
                table.row = []
                return
            table.row.append("\n".join(filter(None, [*table.cell, text])))
            table.cell = []
        else:
            table.cell.append(text)

    def _block(self, text: str, level: int, number: tuple[int, int]) -> Iterator[Block]:
        label = None
        if text and number[0]:
            label = self.lists.label(str(number[0]), number[1])
        for line in text.split("\x0c"):
            if not line.strip():
                continue
            if level and len(line) < 250:
                prefix = f"{label} " if label and label != BULLET else ""
                yield Block(Kind.HEADING, prefix + line, level=level)
            elif label:
                yield Block(Kind.LIST, f"{label} {line}", level=number[1] + 1)
            else:
                yield Block(Kind.PARAGRAPH, line)


def _end_table(table: _Table) -> Iterator[Block]:
    if table.cell:
        table.row.append("\n".join(table.cell))
    if table.row:
        table.rows.append(tuple(table.row))
    rows = [row for row in table.rows if any(row)]
    table.rows, table.row, table.cell = [], [], []
    if rows and max(map(len, rows)) > 1:
        yield Block(Kind.TABLE, rows=tuple(rows))
    else:
        for row in rows:
            yield Block(Kind.PARAGRAPH, row[0])


def _without_fields(text: str) -> str:
    """Return a text with the results of fields, without their codes and special characters."""
    while True:
        text, count = _FIELD.subn(lambda match: match[1] or "", text)
        if not count:
            break
    text = re.sub("\x13[^\x14\x15]*\x14?|[\x14\x15]", "", text)
    return _SPECIAL.sub("", text.translate(_REPLACED)).strip()


def _positions(plc: bytes, size: int) -> tuple[int, ...]:
    """Return the positions of a PLC whose entries have `size` bytes of data."""
    count = (len(plc) - 4) // (4 + size) + 1 if len(plc) >= 4 else 0
    return struct.unpack_from(f"<{count}I", plc) if count else ()
