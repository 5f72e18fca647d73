"""PowerPoint files (PPTX): each slide with its title first, then notes and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from documents.parsing import block_text
from documents.parsing.office import drawings, embedded, omml, symbols
from documents.parsing.office.numbering import number_text
from documents.parsing.office.package import (
    RELATIONSHIP_ID,
    Element,
    Package,
    attribute,
    local,
    parse_xml,
)
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

TITLES = frozenset({"title", "ctrTitle"})
MARGINS = frozenset({"ftr", "hdr", "dt"})
BODIES = frozenset({"", "body", "obj", "subTitle"})
_NUMBERS = {
    "alphaLc": "a",
    "alphaUc": "A",
    "romanLc": "i",
    "romanUc": "I",
    "arabic": "1",
}


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a presentation; pages are slides. Raises BrokenFile."""
    package = Package(path, name)
    attachments = list(embedded.of_package(package, "ppt"))
    blocks = _Presentation(package).blocks()
    return block_text.compose(
        symbols.decoded(blocks), engine="pptx", attachments=attachments
    )


@dataclass(slots=True)
class _Counter:
    """The numbers of the current list by level."""

    numbers: dict[int, int] = field(default_factory=dict)

    def next(self, level: int, start: int) -> int:
        self.numbers = {key: n for key, n in self.numbers.items() if key <= level}
        self.numbers[level] = self.numbers.get(level, start - 1) + 1
        return self.numbers[level]


class _Presentation:
    def __init__(self, package: Package) -> None:
        self.package = package
        main = package.related("", "officeDocument")
        self.part = next((p for p in main if package.has(p)), "ppt/presentation.xml")
        self.margins = set[str]()
        self.authors = self._authors()

    def _authors(self) -> dict[str, str]:
        authors = dict[str, str]()
        for kind in ("commentAuthors", "authors"):
            for part in self.package.related(self.part, kind):
                root = self.package.xml(part)
                for item in [] if root is None else root.iterchildren("*"):
                    authors[attribute(item, "id")] = attribute(item, "name")
        return authors

    def blocks(self) -> Iterator[Block]:
        root = self.package.required_xml(self.part)
        relations = self.package.relations(self.part)
        numbers = enumerate(root.iterfind("{*}sldIdLst/{*}sldId"), 1)
        for number, slide in numbers:
            relation = relations.get(slide.get(RELATIONSHIP_ID, ""))
            if relation is not None:
                for block in self._slide(relation.target):
                    yield replace(block, page=number)

    def _slide(self, part: str) -> Iterator[Block]:
        root = self.package.xml(part)
        if root is not None:
            shapes = list(_shapes(root))
            titles = [shape for shape in shapes if _placeholder(shape) in TITLES]
            for shape in titles + [shape for shape in shapes if shape not in titles]:
                yield from self._shape(shape, part)
        yield from self._layout(part)
        for notes in self.package.related(part, "notesSlide"):
            yield from self._notes(notes)
        for comments in self.package.related(part, "comments"):
            yield from self._comments(comments)

    def _layout(self, part: str) -> Iterator[Block]:
        """Yield the fixed texts of the slide's layout and master, each of them once."""
        for layout in self.package.related(part, "slideLayout"):
            for source in [layout, *self.package.related(layout, "slideMaster")]:
                root = self.package.xml(source)
                for shape in [] if root is None else _shapes(root):
                    if local(shape) == "sp" and _placeholder(shape) is None:
                        yield from self._margin(shape)

    def _margin(self, shape: Element) -> Iterator[Block]:
        text = drawings.text_of(shape)
        if text and text not in self.margins:
            self.margins.add(text)
            yield Block(Kind.MARGIN, text)

    def _shape(self, shape: Element, part: str) -> Iterator[Block]:
        match local(shape):
            case "sp" | "cxnSp":
                yield from self._text_shape(shape)
            case "graphicFrame":
                yield from self._graphic(shape, part)
            case "pic":
                yield from self._picture(shape, part)

    def _text_shape(self, shape: Element) -> Iterator[Block]:
        kind = _placeholder(shape)
        if kind == "sldNum":
            return
        if kind in MARGINS:
            yield from self._margin(shape)
        elif kind in TITLES:
            title = block_text.one_line(drawings.text_of(shape))
            yield Block(Kind.HEADING, title)
        else:
            yield from _paragraphs(shape, listed=kind in BODIES)

    def _graphic(self, frame: Element, part: str) -> Iterator[Block]:
        relations = self.package.relations(part)
        for table in frame.iter("{*}tbl"):
            yield _table(table)
        for item in frame.iter("{*}chart", "{*}relIds"):
            is_chart = local(item) == "chart"
            relation = relations.get(attribute(item, "id" if is_chart else "dm"))
            if relation:
                read = drawings.chart if is_chart else drawings.diagram
                yield from read(self.package, relation.target)

    def _picture(self, shape: Element, part: str) -> Iterator[Block]:
        properties = shape.find(".//{*}cNvPr")
        caption = "" if properties is None else attribute(properties, "descr")
        blip = shape.find(".//{*}blip")
        key = "" if blip is None else attribute(blip, "embed")
        relation = self.package.relations(part).get(key)
        target = relation.target if relation and not relation.external else ""
        yield from drawings.picture(self.package, target, caption)

    def _notes(self, part: str) -> Iterator[Block]:
        root = self.package.xml(part)
        for shape in [] if root is None else _shapes(root):
            is_number = _placeholder(shape) in {"sldNum", "sldImg"}
            text = "" if is_number else drawings.text_of(shape)
            if text and _placeholder(shape) in MARGINS:
                yield from self._margin(shape)
            elif text:
                yield Block(Kind.NOTE, f"Notes: {text}")

    def _comments(self, part: str) -> Iterator[Block]:
        """Yield classic comments, and threads of modern comments with their replies."""
        root = self.package.xml(part)
        for item in [] if root is None else root.iter("{*}cm", "{*}reply"):
            body = item.find("{*}txBody")
            text = item.findtext("{*}text") if body is None else drawings.text_of(body)
            author = self.authors.get(attribute(item, "authorId"), "")
            if text and text.strip():
                by = f" by {author}" if author else ""
                yield Block(Kind.NOTE, f"Comment{by}: {text.strip()}")


def _shapes(root: Element) -> Iterator[Element]:
    """Yield the shapes of a slide, with those inside groups, in order."""
    tree = root.find(".//{*}spTree")
    yield from [] if tree is None else _members(tree)


def _members(group: Element) -> Iterator[Element]:
    for child in group.iterchildren("*"):
        if local(child) == "grpSp":
            yield from _members(child)
        elif local(child) == "AlternateContent":
            choices = [c for c in child.iterchildren("*") if len(c)]
            yield from _members(choices[0]) if choices else []
        elif local(child) in {"sp", "cxnSp", "graphicFrame", "pic"}:
            yield child


def _placeholder(shape: Element) -> str | None:
    """Return the type of a placeholder, "" if it has none; None for other shapes."""
    placeholder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return None if placeholder is None else attribute(placeholder, "type")


def _paragraphs(shape: Element, *, listed: bool) -> Iterator[Block]:
    """Yield the paragraphs of a shape; those of a body with several are list items."""
    paragraphs = [(p, _text(p)) for p in shape.iter("{*}p") if _text(p)]
    counter = _Counter()
    lines = list[str]()
    for paragraph, text in paragraphs:
        label = _label(paragraph, counter, listed=listed and len(paragraphs) > 1)
        if label is None:
            lines.append(text)
            continue
        if lines:
            yield Block(Kind.PARAGRAPH, "\n".join(lines))
            lines = []
        properties = paragraph.find("{*}pPr")
        level = 0 if properties is None else int(attribute(properties, "lvl", "0"))
        yield Block(Kind.LIST, f"{label} {text}", level=level + 1)
    if lines:
        yield Block(Kind.PARAGRAPH, "\n".join(lines))


def _text(paragraph: Element) -> str:
    formulas = [f"${omml.latex(m)}$" for m in paragraph.iter("{*}oMath")]
    text = drawings.paragraph_text(paragraph)
    return " ".join([text, *formulas]).strip() if formulas else text


def _label(paragraph: Element, counter: _Counter, *, listed: bool) -> str | None:
    properties = paragraph.find("{*}pPr")
    if properties is None:
        return "-" if listed else None
    if properties.find("{*}buNone") is not None:
        return None
    numbered = properties.find("{*}buAutoNum")
    if numbered is not None:
        return _number(properties, numbered, counter)
    has_bullet = properties.find("{*}buChar") is not None
    return "-" if has_bullet or listed else None


def _number(properties: Element, numbered: Element, counter: _Counter) -> str:
    level = int(attribute(properties, "lvl", "0"))
    number = counter.next(level, int(attribute(numbered, "startAt", "1")))
    kind = attribute(numbered, "type", "arabicPeriod")
    style = next((s for prefix, s in _NUMBERS.items() if kind.startswith(prefix)), "1")
    text = number_text(number, style)
    if kind.endswith("ParenBoth"):
        return f"({text})"
    return f"{text})" if kind.endswith("ParenR") else f"{text}."


def _table(table: Element) -> Block:
    rows = [
        tuple(
            ""
            if attribute(cell, "hMerge") in {"1", "true"}
            or attribute(cell, "vMerge") in {"1", "true"}
            else drawings.text_of(cell)
            for cell in row.iterchildren("{*}tc")
        )
        for row in table.iterchildren("{*}tr")
    ]
    return Block(Kind.TABLE, rows=tuple(row for row in rows if any(row)))


def blocks_of_shapes(content: bytes) -> Iterable[Block]:
    """Yield the texts of the shapes in a drawing part of a workbook."""
    root = parse_xml(content)
    for shape in [] if root is None else root.iter("{*}sp"):
        yield from _paragraphs(shape, listed=False)
