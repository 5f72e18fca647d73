"""Excel files of versions before 2007 (XLS), read by xlrd."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path

import olefile
import xlrd
from xlrd.book import Book
from xlrd.compdoc import CompDocError
from xlrd.sheet import Cell, Sheet

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text
from documents.parsing.office import embedded, number_format, sheet_tables
from documents.parsing.office.sheet_tables import Cells
from documents.parsing.parsed_document import Attachment, Block, Kind, ParsedDocument

_ERRORS = (struct.error, LookupError, ValueError, AssertionError, TypeError)


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a workbook. Raises BrokenFile or EncryptedFile."""
    book = _open(path, name)
    warnings = list[str]()
    blocks = list(_blocks(book, warnings))
    attachments = list(_attachments(path))
    return block_text.compose(
        blocks, engine="xls", attachments=attachments, warnings=warnings
    )


def _open(path: Path, name: str) -> Book:
    for formatted in (True, False):
        try:
            return xlrd.open_workbook(
                str(path),
                logfile=StringIO(),
                formatting_info=formatted,
                ragged_rows=True,
            )
        except (xlrd.XLRDError, CompDocError) as error:
            if "encrypted" in str(error).lower():
                raise EncryptedFile(
                    f"'{name}' is encrypted. Upload it without a password."
                ) from error
            problem: Exception = error
        except (*_ERRORS, NotImplementedError, OSError) as error:
            problem = error
    raise BrokenFile(f"'{name}' is damaged: {problem}.") from problem


def _blocks(book: Book, warnings: list[str]) -> Iterator[Block]:
    for sheet in book.sheets():
        if sheet.visibility:
            warnings.append(f"The hidden sheet '{sheet.name}' was not read.")
            continue
        yield Block(Kind.HEADING, sheet.name, level=2, anchor=sheet.name)
        yield from sheet_tables.blocks(_cells(book, sheet), sheet.name)
        for (row, column), note in sorted(getattr(sheet, "cell_note_map", {}).items()):
            cell = f"{xlrd.colname(column)}{row + 1}"
            by = f" by {note.author}" if note.author else ""
            text = note.text.strip().removeprefix(f"{note.author}:").strip()
            yield Block(Kind.NOTE, f"Comment on {cell}{by}: {text}", anchor=sheet.name)


def _cells(book: Book, sheet: Sheet) -> Cells:
    cells: Cells = {}
    for row in range(sheet.nrows):
        texts = {
            column: text
            for column, cell in enumerate(sheet.row(row))
            if (text := _text(book, cell))
        }
        if texts:
            cells[row] = texts
    return cells


def _text(book: Book, cell: Cell) -> str:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value)
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            code = _format(book, cell)
            number = Decimal(repr(float(cell.value)))
            return number_format.display(number, code, since_1904=bool(book.datemode))
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
        case _:
            return ""


def _format(book: Book, cell: Cell) -> str:
    is_date = cell.ctype == xlrd.XL_CELL_DATE
    if cell.xf_index is None or cell.xf_index >= len(book.xf_list):
        return "yyyy-mm-dd" if is_date else "General"
    key = book.xf_list[cell.xf_index].format_key
    if key in number_format.BUILT_IN and is_date:
        return number_format.BUILT_IN[key]
    entry = book.format_map.get(key)
    return entry.format_str if entry else number_format.BUILT_IN.get(key, "General")


def _attachments(path: Path) -> Iterator[Attachment]:
    if not olefile.isOleFile(str(path)):
        return
    try:
        with olefile.OleFileIO(str(path)) as ole:
            yield from embedded.of_pool(ole)
    except (OSError, ValueError):
        return
