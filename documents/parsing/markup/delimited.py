"""Tables in text files (CSV, TSV): one row per record, with the header repeated."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from documents.parsing import block_text, text_file
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

SAMPLE_CHARS = 64 * 1024
"""Length of the part from which the delimiter is found."""
DELIMITERS = ",;\t|"


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the records as a table. Raises NotText. The password is ignored.

    A text in which no delimiter divides the lines is returned as plain text.
    """
    text = text_file.decode(path.read_bytes(), name)
    delimiter = "\t" if name.lower().endswith(".tsv") else _delimiter(text)
    rows = _records(text, delimiter) if delimiter else []
    if max(map(len, rows), default=0) < 2:
        return text_file.plain(text)
    return block_text.compose([Block(Kind.TABLE, rows=tuple(rows))], engine="csv")


def _delimiter(text: str) -> str:
    """Return the delimiter that divides most lines into the same number of fields."""
    sample = text[:SAMPLE_CHARS]
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter))


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    widths = [len(row) for row in _records(sample, delimiter)[:200]]
    if max(widths, default=0) < 2:
        return 0.0, 0
    common = max(set(widths), key=widths.count)
    return (widths.count(common) / len(widths) if common > 1 else 0.0), common


def _records(text: str, delimiter: str) -> list[tuple[str, ...]]:
    csv.field_size_limit(2**31 - 1)
    lines = text.replace("\0", "").splitlines(keepends=True)
    if (
        lines
        and lines[0].strip().lower().startswith("sep=")
        and len(lines[0].strip()) == 5
    ):
        delimiter, lines = lines[0].strip()[4], lines[1:]
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter)
    try:
        return [tuple(row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        return [
            tuple(line.split(delimiter)) for line in text.splitlines() if line.strip()
        ]
