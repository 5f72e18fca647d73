"""Charts, SmartArt and pictures of OOXML files."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from collections.abc import Iterator

from documents.parsing import svg
from documents.parsing.office import number_format
from documents.parsing.office.package import Element, Package, attribute, local
from documents.parsing.parsed_document import Block, Image, Kind

_OBJECT_NAME = re.compile(
    r"(?:picture|image|graphic|grafik|bild|图片|圖片)\s*\d*", re.IGNORECASE
)
"""Matches the names that Office gives to pictures."""
MAX_IMAGE_BYTES = 20 * 1024**2
"""Upper bound on the size of an image that is kept."""


def chart(package: Package, part: str) -> Iterator[Block]:
    """Yield the title of a chart, and its data as a table with a column per series."""
    root = package.xml(part)
    if root is None:
        return
    title = root.find(".//{*}chart/{*}title")
    if title is not None and (text := text_of(title)):
        yield Block(Kind.PARAGRAPH, text)
    for axis in root.iter("{*}catAx", "{*}valAx", "{*}dateAx"):
        axis_title = axis.find("{*}title")
        if axis_title is not None and (text := text_of(axis_title)):
            yield Block(Kind.PARAGRAPH, text)
    yield from _chart_table(root)


def _chart_table(root: Element) -> Iterator[Block]:
    names, columns = [""], list[dict[int, str]]()
    categories = dict[int, str]()
    for series in root.iter("{*}ser"):
        names.append(" ".join(_points(series.find("{*}tx")).values()))
        categories |= _points(series.find("{*}cat"), series.find("{*}xVal"))
        columns.append(_points(series.find("{*}val"), series.find("{*}yVal")))
    indices = sorted(set(categories).union(*columns))
    rows = [
        (categories.get(index, ""), *(column.get(index, "") for column in columns))
        for index in indices
    ]
    if rows or any(names):
        yield Block(Kind.TABLE, rows=(tuple(names), *rows))


def _points(*elements: Element | None) -> dict[int, str]:
    """Return the cached values of a series by index, formatted as displayed."""
    points = dict[int, str]()
    for element in elements:
        if element is None:
            continue
        code = element.findtext(".//{*}formatCode") or "General"
        for point in element.iter("{*}pt"):
            index, value = (
                int(attribute(point, "idx", "0")),
                point.findtext("{*}v") or "",
            )
            is_number = local_parent(point) in {"numCache", "numLit"}
            value = number_format.display_text(value, code) if is_number else value
            points[index] = f"{points[index]} {value}" if index in points else value
        if not points and (value := element.findtext("{*}v")):
            points[0] = value
    return points


def local_parent(element: Element) -> str:
    """Return the local name of the parent; empty for the root."""
    parent = element.getparent()
    return "" if parent is None else local(parent)


def diagram(package: Package, part: str) -> Iterator[Block]:
    """Yield the texts of a SmartArt diagram as a list."""
    root = package.xml(part)
    if root is None:
        return
    for point in root.iter("{*}pt"):
        body = point.find("{*}t")
        if body is not None and (text := text_of(body)):
            yield Block(Kind.LIST, f"- {text}")


def picture(package: Package, part: str, caption: str) -> Iterator[Block]:
    """Yield a figure with the image, or with its caption only if it is not usable."""
    caption = "" if _is_generated(caption) else caption.strip()
    media_type = mimetypes.guess_type(part)[0] or ""
    content = package.read(part) if part else b""
    usable = media_type.startswith("image/") and 0 < len(content) <= MAX_IMAGE_BYTES
    is_drawing = usable and svg.is_svg(content)
    name = posixpath.basename(part)
    image = Image(content, media_type, caption, name=name) if usable else None
    if is_drawing:
        image = None
    if image or caption:
        yield Block(Kind.FIGURE, caption, image=image)
    if is_drawing:
        yield from svg.blocks(content)


def _is_generated(caption: str) -> bool:
    """Return whether an alternative text is only the name of a file or of an object."""
    text = caption.strip()
    is_file = bool(mimetypes.guess_type(text)[0]) and " " not in text
    return is_file or bool(_OBJECT_NAME.fullmatch(text))


def text_of(element: Element) -> str:
    """Return the text of DrawingML paragraphs, one line each."""
    paragraphs = [paragraph_text(item) for item in element.iter("{*}p")]
    if paragraphs:
        return "\n".join(filter(None, paragraphs))
    return "".join(item.text or "" for item in element.iter("{*}t", "{*}v"))


def paragraph_text(paragraph: Element) -> str:
    """Return the text of one DrawingML paragraph (`a:p`)."""
    parts = list[str]()
    for item in paragraph.iter("{*}t", "{*}br", "{*}tab"):
        parts.append(item.text or "" if local(item) == "t" else "\n")
    return "".join(parts).strip()
