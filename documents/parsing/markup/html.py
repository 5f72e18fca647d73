"""HTML pages: text in reading order, without link addresses, scripts and hidden metadata."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree, html

from documents.errors import BrokenFile
from documents.parsing import block_text, data_uris, svg, text_file
from documents.parsing.office.package import Element
from documents.parsing.parsed_document import Block, Image, Kind, ParsedDocument

SKIPPED = frozenset(
    {"script", "style", "template", "head", "meta", "link", "object", "applet"}
    | {"iframe", "canvas", "audio", "video", "datalist", "noframes"}
)
INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "data", "del"}
    | {"dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "meter", "output", "q"}
    | {"ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time"}
    | {"tt", "u", "var", "wbr", "code", "img", "br", "input", "rb", "rt", "rp", "math"}
    | {"nobr", "textarea", "noscript", "blink", "image", "slot", "svg"}
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
MAX_COLUMNS = 200
"""Upper bound on the columns that one cell spans."""
Read = Callable[[str], bytes]
"""Returns the image at an address; "" for one that is not in the file."""
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source)-([\w+#]+)")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a page. Raises NotText or BrokenFile. The password is ignored."""
    text = text_file.decode(path.read_bytes(), name, declared=True)
    return block_text.compose(blocks_of_text(text, name), engine="html")


def blocks(
    content: bytes, name: str = "page.html", *, read: Read = data_uris.content
) -> Iterator[Block]:
    """Yield the blocks of a page whose encoding is declared or detected."""
    text = text_file.decode(content, name, declared=True)
    return blocks_of_text(text, name, read=read)


def blocks_of_text(
    text: str, name: str, *, read: Read = data_uris.content
) -> Iterator[Block]:
    """Yield the blocks of a decoded page, first its title unless a heading equals it.

    `read` returns the images that are inside the file, given their addresses.
    """
    root = _root(text, name)
    if root is None:
        return
    body = root.find(".//body")
    title = block_text.one_line(root.findtext(".//head/title") or "")
    body_blocks = list(_Page(read).of(root if body is None else body))
    has_heading = any(b.kind is Kind.HEADING and b.level == 1 for b in body_blocks)
    if title and not has_heading:
        yield Block(Kind.HEADING, title)
    yield from body_blocks


def _root(text: str, name: str) -> Element | None:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\0", "")
    if not text.strip():
        return None
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=True)
    try:
        return html.document_fromstring(text.encode(errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}") from error


@dataclass(slots=True)
class _Page:
    """The paragraph that is being collected, and the list items around it."""

    read: Read
    images: list[Image] = field(default_factory=list)
    """The images in the paragraph, which follow it as figures."""
    parts: list[str] = field(default_factory=list)
    lists: list[list[int] | None] = field(default_factory=list)
    """For each open list, the number of its last item; None for a list with bullets."""
    label: str = ""
    kind: Kind = Kind.PARAGRAPH

    def of(self, element: Element) -> Iterator[Block]:
        """Yield the blocks inside an element."""
        yield from self._children(element)
        yield from self._flush()

    def _children(self, element: Element) -> Iterator[Block]:
        self._add(element.text)
        for child in element:
            if isinstance(child.tag, str):
                yield from self._element(child, child.tag.rpartition("}")[2].lower())
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self.parts.append(re.sub(r"\s+", " ", text))

    def _flush(self) -> Iterator[Block]:
        text = re.sub(r" ?\n ?", "\n", re.sub(" +", " ", "".join(self.parts))).strip()
        self.parts.clear()
        level = max(1, len(self.lists))
        if text and self.label:
            yield Block(Kind.LIST, f"{self.label} {text}", level=level)
            self.label = ""
        elif text and self.lists:
            yield Block(Kind.LIST, text, level=level + 1)
        elif text:
            yield Block(self.kind, text)
        yield from self._figures()

    def _figures(self) -> Iterator[Block]:
        """Yield the images since the last figures; their texts are in the paragraph."""
        for image in self.images:
            if svg.is_svg(image.content):
                yield from svg.blocks(image.content)
            else:
                yield Block(Kind.FIGURE, image=image)
        self.images.clear()

    def _element(self, element: Element, tag: str) -> Iterator[Block]:
        if tag in SKIPPED:
            return
        if tag in INLINE:
            yield from self._inline(element, tag)
            return
        yield from self._flush()
        if tag in HEADINGS:
            yield from self._heading(element, HEADINGS[tag])
        elif tag in {"ul", "ol", "menu", "dir"}:
            yield from self._list(element, tag)
        elif tag == "li":
            yield from self._item(element)
        elif tag in {"pre", "listing", "xmp"}:
            yield from self._code(element)
        elif tag == "table":
            yield from self._table(element)
        else:
            yield from self._children(element)
            yield from self._flush()

    def _inline(self, element: Element, tag: str) -> Iterator[Block]:
        match tag:
            case "br":
                self.parts.append("\n")
            case "img" | "image":
                self._add(_alternative_text(element))
                self._add_image(element)
            case "input":
                is_shown = element.get("type", "text") in {"text", "submit", "button"}
                self._add(element.get("value") if is_shown else "")
            case "math":
                self._add(_formula(element))
            case "svg":
                yield from self._drawing(element)
            case "wbr" | "rp":
                return
            case _:
                yield from self._children(element)

    def _drawing(self, drawing: Element) -> Iterator[Block]:
        """Yield the texts of a drawing; the title of an icon belongs to the paragraph."""
        lines = svg.texts(drawing)
        if next(drawing.iterdescendants("text"), None) is None:
            self._add("".join(f" {line} " for line in lines))
        else:
            yield from self._flush()
            yield Block(Kind.PARAGRAPH, "\n".join(lines))

    def _add_image(self, element: Element) -> None:
        address = element.get("src") or element.get("href") or ""
        if content := self.read(address):
            name = "" if address.startswith("data:") else posixpath.basename(address)
            self.images.append(Image(content, "", _caption(element), name=name))

    def _heading(self, element: Element, level: int) -> Iterator[Block]:
        inner = list(_Page(self.read).of(element))
        title = block_text.one_line(
            " ".join(block.text for block in inner if block.text)
        )
        yield Block(Kind.HEADING, title, level=level)
        yield from (block for block in inner if block.image)

    def _list(self, element: Element, tag: str) -> Iterator[Block]:
        start = element.get("start", "1")
        number = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
        self.lists.append([number - 1] if tag == "ol" else None)
        yield from self._children(element)
        yield from self._flush()
        self.lists.pop()
        self.label = ""

    def _item(self, element: Element) -> Iterator[Block]:
        numbers = self.lists[-1] if self.lists else None
        if numbers is None:
            self.label = "-"
        else:
            value = element.get("value", "")
            has_number = value.isdecimal() and len(value) < 10
            numbers[0] = int(value) if has_number else numbers[0] + 1
            self.label = f"{numbers[0]}."
        yield from self._children(element)
        yield from self._flush()
        self.label = ""

    def _code(self, element: Element) -> Iterator[Block]:
        classes = " ".join(
            item.get("class", "") for item in [element, *element.iter("code")]
        )
        language = _LANGUAGE.search(classes)
        text = "".join(_preformatted(element))
        yield Block(Kind.CODE, text, language=language[1].lower() if language else "")

    def _table(self, table: Element) -> Iterator[Block]:
        for caption in table.iterchildren("caption"):
            yield from _Page(self.read).of(caption)
        rows = list(_rows(table))
        if _is_layout(table, rows):
            for row in rows:
                for cell in _cells(row):
                    yield from self._children(cell)
                    yield from self._flush()
            return
        grid = _grid(rows)
        headers = sum(1 for row in rows if _is_header(row)) or 1
        yield Block(Kind.TABLE, rows=grid, header_rows=min(headers, 5))
        for image in table.iter("img"):
            self._add_image(image)
        yield from self._figures()


def _is_layout(table: Element, rows: list[Element]) -> bool:
    """Return whether a table only arranges other blocks."""
    if next(table.iterdescendants("table", "h1", "h2", "h3", "form"), None) is not None:
        return True
    widths = [len(list(_cells(row))) for row in rows]
    return max(widths, default=0) < 2 or len(widths) < 2


def _rows(table: Element) -> Iterator[Element]:
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _cells(row: Element) -> Iterator[Element]:
    yield from row.iterchildren("td", "th")


def _is_header(row: Element) -> bool:
    parent = row.getparent()
    in_head = parent is not None and parent.tag == "thead"
    return in_head or all(cell.tag == "th" for cell in _cells(row))


def _grid(rows: Iterable[Element]) -> tuple[tuple[str, ...], ...]:
    """Return the texts of a table; a merged cell has its text in its first cell only."""
    grid, spans = list[tuple[str, ...]](), dict[int, int]()
    for row in rows:
        texts = list[str]()
        for cell in _cells(row):
            _skip_spans(texts, spans)
            column = len(texts)
            width = min(_span(cell, "colspan"), MAX_COLUMNS)
            texts += [_cell_text(cell), *[""] * (width - 1)]
            if (height := _span(cell, "rowspan")) > 1:
                spans |= dict.fromkeys(range(column, column + width), height - 1)
        _skip_spans(texts, spans)
        if any(texts):
            grid.append(tuple(texts))
    return tuple(grid)


def _skip_spans(texts: list[str], spans: dict[int, int]) -> None:
    """Append a blank for each cell that a cell of an earlier row covers."""
    while spans.get(len(texts), 0) > 0:
        spans[len(texts)] -= 1
        texts.append("")


def _span(cell: Element, name: str) -> int:
    value = cell.get(name, "1").strip()
    return max(1, int(value)) if value.isdigit() and len(value) < 5 else 1


def _cell_text(cell: Element) -> str:
    page = _Page(lambda _: b"")
    return "\n".join(block.text for block in page.of(cell) if block.text)


def _preformatted(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif isinstance(child.tag, str) and child.tag not in SKIPPED:
            yield from _preformatted(child)
        yield child.tail or ""


def _alternative_text(image: Element) -> str:
    text = (image.get("alt") or "").strip()
    return f" {text} " if text else ""


def _caption(image: Element) -> str:
    """Return the caption of the `figure` around an image, or its alternative text."""
    for figure in image.iterancestors("figure"):
        for caption in figure.iter("figcaption"):
            return block_text.one_line("".join(caption.itertext()))
    return _alternative_text(image).strip()


def _formula(element: Element) -> str:
    """Return the TeX of a MathML formula if the page contains it, else its text."""
    for annotation in element.iter("annotation"):
        if "tex" in annotation.get("encoding", "").lower():
            return f"${(annotation.text or '').strip()}$"
    alternative = element.get("alttext", "").strip()
    return f"${alternative}$" if alternative else "".join(element.itertext())
