"""XML files: the texts of the elements as lines, repeated records as tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from documents.parsing import block_text, text_file
from documents.parsing.office.package import Element, local, parse_xml
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

MAX_LABEL_ATTRIBUTES = 8
"""Upper bound on the attributes of an element that are shown."""
MIN_RECORDS = 3
"""Lower bound on equal siblings that become a table."""


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a file. Raises NotText. The password is ignored.

    A file that is not well-formed XML is returned as plain text.
    """
    content = path.read_bytes()
    text = text_file.decode(content, name, declared=True)
    content = _without_declaration(text).encode(errors="replace")
    root = parse_xml(content, comments=True)
    if root is None:
        return text_file.plain(text)
    before = [_comment(item) for item in root.itersiblings(preceding=True)]
    blocks = [*reversed(before), *_blocks(root, 1)]
    parsed = block_text.compose(blocks, engine="xml")
    return parsed if parsed.text else text_file.plain(text)


def _without_declaration(text: str) -> str:
    text = text.lstrip("\ufeff \r\n\t")
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def _comment(comment: Element) -> Block:
    return Block(Kind.NOTE, comment.text or "")


def _blocks(element: Element, level: int) -> Iterator[Block]:
    """Yield an element with children as a heading with their blocks, others as a line."""
    children = list(element.iterchildren("*"))
    if not children or _is_mixed(element):
        line = _line(element)
        if line:
            yield Block(Kind.PARAGRAPH, line)
        return
    if level <= 6:
        yield Block(Kind.HEADING, _title(element), level=level)
    table = _records(children)
    if table is not None:
        yield table
        return
    lines = list[str]()
    for child in element:
        if not isinstance(child.tag, str):
            lines.append(block_text.one_line(child.text or ""))
            continue
        if not len(child) or _is_mixed(child):
            lines.append(_line(child))
            continue
        yield from _paragraph(lines)
        yield from _blocks(child, level + 1)
    yield from _paragraph(lines)


def _paragraph(lines: list[str]) -> Iterator[Block]:
    text = "\n".join(filter(None, lines))
    lines.clear()
    if text:
        yield Block(Kind.PARAGRAPH, text)


def _is_mixed(element: Element) -> bool:
    """Return whether an element contains text beside its children."""
    return bool((element.text or "").strip()) or any(
        (child.tail or "").strip() for child in element
    )


def _title(element: Element) -> str:
    shown = list(element.attrib.items())[:MAX_LABEL_ATTRIBUTES]
    pairs = [f"{str(key).rpartition('}')[2]}={value}" for key, value in shown]
    return " ".join([local(element), *pairs])


def _line(element: Element) -> str:
    text = block_text.one_line(" ".join(element.itertext()))
    title = _title(element)
    return f"{title}: {text}" if text else title if element.attrib else ""


def _records(children: list[Element]) -> Block | None:
    """Return sibling elements as a table, one row for each; None unless all are records."""
    names = {local(child) for child in children}
    if len(names) != 1 or len(children) < MIN_RECORDS:
        return None
    columns = dict[str, None]()
    rows = list[dict[str, str]]()
    for record in children:
        if any(len(item) for item in record) or _is_mixed(record):
            return None
        cells = {
            str(key).rpartition("}")[2]: str(v) for key, v in record.attrib.items()
        }
        for item in record.iterchildren("*"):
            text = block_text.one_line(item.text or "")
            key = local(item)
            value = " ".join([text, *map(str, item.attrib.values())]).strip()
            cells[key] = f"{cells[key]}; {value}" if key in cells else value
        if not cells:
            return None
        columns |= dict.fromkeys(cells)
        rows.append(cells)
    table = [tuple(row.get(column, "") for column in columns) for row in rows]
    return Block(Kind.TABLE, rows=(tuple(columns), *table))
