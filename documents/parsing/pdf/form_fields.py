"""Form fields and annotations of a PDF page."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsing.pdf.page_frame import Box, PageFrame
from documents.parsing.pdf.words import Word

MAX_ANNOTATIONS = 5_000
"""Upper bound on the annotations of a page that are read."""
MAX_CHARS = 20_000
"""Upper bound on the characters of a form field or an annotation."""
MAX_OPTIONS = 1_000
"""Upper bound on the options of a list that are examined."""
LINE_HEIGHT = 12.0
"""Height, in points, of a line of a form field with several lines."""
CHECKED, UNCHECKED = "\u2612", "\u2610"
NOTES = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_FREETEXT,
        pdfium.FPDF_ANNOT_LINE,
        pdfium.FPDF_ANNOT_SQUARE,
        pdfium.FPDF_ANNOT_CIRCLE,
        pdfium.FPDF_ANNOT_POLYGON,
        pdfium.FPDF_ANNOT_POLYLINE,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_STAMP,
        pdfium.FPDF_ANNOT_CARET,
        pdfium.FPDF_ANNOT_INK,
        pdfium.FPDF_ANNOT_FILEATTACHMENT,
    }
)
"""Kinds of annotations whose contents are notes of a reader. Others show no text of theirs."""
VALUES = frozenset(
    {
        pdfium.FPDF_FORMFIELD_TEXTFIELD,
        pdfium.FPDF_FORMFIELD_COMBOBOX,
        pdfium.FPDF_FORMFIELD_LISTBOX,
    }
)
BOXES = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
PASSWORD_FLAG = 1 << 13


@dataclass(frozen=True, slots=True)
class Annotations:
    """The values of form fields, as words at their places, and the notes of readers."""

    words: tuple[Word, ...]
    notes: tuple[str, ...]


def read(page: pypdfium2.PdfPage, frame: PageFrame) -> Annotations:
    """Return the form values and the notes of a page."""
    values, notes = list[Word](), list[str]()
    count = min(MAX_ANNOTATIONS, pdfium.FPDFPage_GetAnnotCount(page.raw))
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind == pdfium.FPDF_ANNOT_WIDGET and page.formenv:
            values += _value(page.formenv.raw, annotation, frame)
        elif kind in NOTES:
            notes += _note(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
    return Annotations(tuple(values), tuple(dict.fromkeys(notes)))


def _value(
    form: pdfium.FPDF_FORMHANDLE, annotation: pdfium.FPDF_ANNOTATION, frame: PageFrame
) -> Iterator[Word]:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation)
    if kind in BOXES:
        checked = pdfium.FPDFAnnot_IsChecked(form, annotation)
        text = CHECKED if checked else UNCHECKED
    elif kind in VALUES and not flags & PASSWORD_FLAG:
        text = _choices(form, annotation) or _string(
            lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(
                form, annotation, buffer, size
            )
        )
    else:
        text = ""
    bounds = pdfium.FS_RECTF()
    if text and pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(bounds)):
        yield from _words(text, frame.level_box(bounds, 0))


def _choices(form: pdfium.FPDF_FORMHANDLE, annotation: pdfium.FPDF_ANNOTATION) -> str:
    """Return the selected options as they are shown, which may differ from their values."""

    def label(index: int) -> str:
        return _string(
            lambda buffer, size: pdfium.FPDFAnnot_GetOptionLabel(
                form, annotation, index, buffer, size
            )
        )

    count = min(MAX_OPTIONS, pdfium.FPDFAnnot_GetOptionCount(form, annotation))
    return "\n".join(
        label(index)
        for index in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, index)
    )


def _words(text: str, box: Box) -> Iterator[Word]:
    """Yield the words of a value, at even distances in the box of its field."""
    lines = text.splitlines()
    left, top, right, bottom = box
    height = min(LINE_HEIGHT, (bottom - top) / len(lines))
    if len(lines) == 1:
        top = (top + bottom - height) / 2
    for number, line in enumerate(lines):
        width = (right - left) / max(len(line), 2 * (right - left) / LINE_HEIGHT)
        y1 = top + (number + 1) * height
        position = 0
        for word in line.split():
            position = line.index(word, position)
            x0, x1 = left + position * width, left + (position + len(word)) * width
            glyphs = [(word, (x0 + x1) / 2)]
            yield Word(glyphs, x0, y1 - height, x1, y1, y1 - height / 4)
            position += len(word)


def _note(annotation: pdfium.FPDF_ANNOTATION) -> Iterator[str]:
    text = _entry(annotation, b"Contents").strip()
    author = _entry(annotation, b"T").strip()
    if text:
        yield f"{author}: {text}" if author else text


def _entry(annotation: pdfium.FPDF_ANNOTATION, key: bytes) -> str:
    return _string(
        lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(
            annotation, key, buffer, size
        )
    )


def _string(get: Callable[[object, int], int]) -> str:
    """Return a text that PDFium writes as UTF-16 into a buffer of the size it returns."""
    size = get(None, 0)
    if not 2 < size <= 2 * MAX_CHARS:
        return ""
    buffer = ctypes.create_string_buffer(size)
    get(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")
