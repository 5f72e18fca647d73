"""PDF files: the blocks of all pages, form values, annotations and attachments.

PDFium is written in C++ and is not safe in threads, so it is called only in the processes
of `documents.parse_process`.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from documents.errors import BrokenFile, EncryptedFile
from documents.ocr.messages import Recognize
from documents.parsing import block_text
from documents.parsing.parsed_document import (
    Attachment,
    Block,
    Box,
    Image,
    Kind,
    ParsedDocument,
)
from documents.parsing.pdf import figures, headings, margins, scans
from documents.parsing.pdf import page as pdf_page
from documents.parsing.pdf.page import Page
from documents.parsing.pdf.parts import Part

MAX_ATTACHMENTS = 100
MAX_ATTACHMENT_BYTES = 64 * 1024**2
MAX_OUTLINE = 5_000
"""Upper bounds on the attachments and the outline entries that are read."""
TEXT_CHARS = 60
"""Lower bound on the length of running text."""
logger = logging.getLogger(__name__)


def parse(
    path: Path, name: str, *, password: str = "", ocr: Recognize | None = None
) -> ParsedDocument:
    """Return the text of a PDF. A page that can't be read is named in the warnings.

    `ocr` reads the pages without usable text. Raises EncryptedFile or BrokenFile.
    """
    document = open_document(path, name, password)
    try:
        document.init_forms()
        pages, warnings = _pages(document)
        outline = _outline(document)
        attachments = list(_attachments(document))
        rendered = figures.render(
            document, {page.number: (page.figures, page.parts) for page in pages}
        )
    finally:
        document.close()
    pages, ocr_warnings = scans.with_text(pages, path, password, ocr)
    return block_text.compose(
        _blocks(pages, outline, rendered.images),
        engine="pdfium",
        attachments=attachments,
        warnings=[*warnings, *ocr_warnings, *rendered.warnings],
    )


def open_document(path: Path, name: str, password: str) -> pypdfium2.PdfDocument:
    """Open a PDF, with the password if it needs one. Raises EncryptedFile or BrokenFile."""
    try:
        return pypdfium2.PdfDocument(path, password=password or None)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise EncryptedFile(
                f"'{name}' is encrypted and PDF_DECRYPT_PASSWORD does not decrypt it. "
                "Change the setting, or upload the file without a password."
            ) from error
        raise BrokenFile(f"'{name}' is damaged and could not be parsed.") from error


def _pages(document: pypdfium2.PdfDocument) -> tuple[list[Page], list[str]]:
    pages, unreadable = list[Page](), list[int]()
    for index in range(len(document)):
        try:
            page = document[index]
            try:
                pages.append(pdf_page.read(page, index + 1))
            finally:
                page.close()
        except (pypdfium2.PdfiumError, ValueError, ArithmeticError) as error:
            logger.warning("Page %d can't be read: %s", index + 1, error)
            unreadable.append(index + 1)
    return pages, [f"Page {number} could not be read." for number in unreadable]


def _outline(document: pypdfium2.PdfDocument) -> dict[str, int]:
    """Return the titles of the outline and their levels; none if it is damaged."""
    entries = dict[str, int]()
    try:
        for bookmark in itertools.islice(document.get_toc(), MAX_OUTLINE):
            title = headings.normal(bookmark.get_title())
            if title:
                entries.setdefault(title, min(headings.MAX_LEVEL, bookmark.level + 1))
    except (pypdfium2.PdfiumError, ValueError):
        return {}
    return entries


def _attachments(document: pypdfium2.PdfDocument) -> Iterator[Attachment]:
    remaining_bytes = MAX_ATTACHMENT_BYTES
    for index in range(min(MAX_ATTACHMENTS, document.count_attachments())):
        try:
            attachment = document.get_attachment(index)
            content = bytes(attachment.get_data())
            name = attachment.get_name()
        except pypdfium2.PdfiumError:
            continue  # a name without a file
        remaining_bytes -= len(content)
        if remaining_bytes >= 0:
            yield Attachment(name or f"attachment-{index + 1}", content)


def _blocks(
    pages: Sequence[Page],
    outline: Mapping[str, int],
    images: Mapping[tuple[int, int], Sequence[Image]],
) -> Iterator[Block]:
    """Yield the blocks of all pages; a running header only where it occurs first.

    `images` are the figures by their page and the id of the part that they follow.
    """
    first, dropped = margins.repeated(pages)
    body = [
        part
        for page in pages
        if any(map(_is_text, page.parts))
        for part in page.parts
        if id(part) not in first and id(part) not in dropped
    ]
    levels = {
        id(body[index]): level
        for index, level in headings.levels(body, outline).items()
    }
    for page in pages:
        yield from _figures(images.get((page.number, 0), ()))
        for part in page.parts:
            if id(part) not in dropped:
                is_margin = id(part) in first
                yield _block(
                    part, page.number, levels.get(id(part)), is_margin=is_margin
                )
            yield from _figures(images.get((page.number, id(part)), ()))
        for note in page.notes:
            yield Block(Kind.NOTE, note, page=page.number)


def _figures(images: Iterable[Image]) -> Iterator[Block]:
    """Yield blocks without text: captions are paragraphs of the page."""
    for image in images:
        yield Block(Kind.FIGURE, page=image.page, box=image.box, image=image)


def _is_text(part: Part) -> bool:
    """Return whether a part is running text or a table: a page of labels is a figure."""
    return bool(part.rows) or len(part.text) >= TEXT_CHARS


def _block(part: Part, page: int, level: int | None, *, is_margin: bool) -> Block:
    box = Box(*(round(value, 1) for value in part.box))
    if part.rows:
        return Block(Kind.TABLE, page=page, box=box, rows=part.rows)
    if is_margin:
        kind = Kind.MARGIN
    elif level is not None:
        kind = Kind.HEADING
    else:
        kind = Kind.LIST if part.is_item else Kind.PARAGRAPH
    return Block(kind, part.text, level=level or 1, page=page, box=box)
