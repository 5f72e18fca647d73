"""Jupyter notebooks (IPYNB): Markdown cells, code cells, and the text of their outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from documents.errors import BrokenFile
from documents.parsing import block_text, text_file
from documents.parsing.markup import html
from documents.parsing.parsed_document import ParsedDocument

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ATTACHMENT = re.compile(r"!\[([^\]]*+)(?:\]\(attachment:([^)]*+)(\))?)?")
"""Also matches images without an attachment (no group 3), so that no text is read twice."""
_BACKTICKS = re.compile("`{3,}")

Cell = dict[str, Any]


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the cells as Markdown. Raises NotText or BrokenFile."""
    text = text_file.decode(path.read_bytes(), name)
    try:
        notebook = json.loads(text)
        cells = notebook.get("cells") or [
            cell for sheet in notebook["worksheets"] for cell in sheet["cells"]
        ]
        language = _language(notebook)
        parts = [part for cell in cells for part in _cell(cell, language)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenFile(f"'{name}' is not a Jupyter notebook: {error!r}") from error
    content = "\n\n".join(filter(None, map(str.strip, parts)))
    return text_file.plain(content, markdown=True)


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata") or {}
    info = metadata.get("language_info") or metadata.get("kernelspec") or {}
    return str(info.get("name") or info.get("language") or "").lower()


def _cell(cell: Cell, language: str) -> Iterator[str]:
    source = _joined(cell.get("source") or cell.get("input"))
    match cell.get("cell_type"):
        case "markdown":
            files = cell.get("attachments") or {}
            yield _ATTACHMENT.sub(lambda match: _attached(match, files), source)
        case "heading":
            yield f"{'#' * int(cell.get('level', 1))} {source}"
        case "code":
            yield _fenced(source, language)
            for output in cell.get("outputs") or []:
                yield _output(output) + _image(output.get("data") or output)
        case _:
            yield source


def _attached(match: re.Match[str], files: Cell) -> str:
    """Return a Markdown image that contains the attachment, or the text of the image.

    Anything that is no attachment is returned unchanged.
    """
    if not match[3]:
        return match[0]
    return _image(files.get(match[2]) or {}, match[1]) or match[1]


def _image(data: Cell, text: str = "") -> str:
    """Return the image among the forms of a value as Markdown; "" if there is none."""
    for kind in ("image/png", "image/jpeg", "png", "jpeg"):
        if kind in data:
            content = "".join(_joined(data[kind]).split())
            return f"![{text}](data:image/{kind[-4:].strip('/')};base64,{content})"
    return ""


def _output(output: Cell) -> str:
    """Return the text of an output: printed text, an error, or a displayed value."""
    if output.get("output_type") in {"error", "pyerr"}:
        return _fenced(f"{output.get('ename', '')}: {output.get('evalue', '')}", "")
    data = output.get("data") or output
    for kind in ("text/markdown", "text/latex"):
        if kind in data:
            return _joined(data[kind])
    if "<table" in (page := _joined(data.get("text/html"))):
        blocks = html.blocks_of_text(page, "output")
        return block_text.compose(blocks, engine="html").text
    return _fenced(
        _ANSI.sub("", _joined(data.get("text/plain") or data.get("text"))), ""
    )


def _joined(source: Any) -> str:
    return "".join(source) if isinstance(source, list) else str(source or "")


def _fenced(code: str, language: str) -> str:
    """Return code in a fence longer than all fences inside of it."""
    if not code.strip():
        return ""
    longest = max((len(match) for match in _BACKTICKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.strip()}\n{fence}"
