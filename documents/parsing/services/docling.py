"""Blocks of a DoclingDocument, the JSON that docling-serve returns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from documents.errors import ParserFailed
from documents.parsing import block_text
from documents.parsing.parsed_document import (
    Block,
    Box,
    Kind,
    ParsedDocument,
)
from documents.parsing.services import embedded_images

Item = Mapping[str, Any]
COLLECTIONS = ("texts", "tables", "pictures", "groups")
MAX_DEPTH = 60
"""Upper bound on nested groups and list items."""


def parse(path: Path, name: str) -> ParsedDocument:
    """Return the document of a stored result. Raises ParserFailed."""
    try:
        result = json.loads(path.read_bytes())
        document = (
            result["document"]["json_content"] if "document" in result else result
        )
        blocks = list(_Reader(document).blocks())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ParserFailed(f"Docling's result for '{name}' is not valid.") from error
    errors = [item.get("error_message", "") for item in result.get("errors") or ()]
    warnings = tuple(f"Docling: {message}" for message in errors if message)
    return block_text.compose(blocks, engine="docling", warnings=warnings)


class _Reader:
    """Walks the body of a document in reading order."""

    def __init__(self, document: Item) -> None:
        self._body: Item = document["body"]
        self._items: dict[str, Item] = {
            f"#/{kind}/{number}": item
            for kind in COLLECTIONS
            for number, item in enumerate(document.get(kind) or ())
        }
        self._heights: dict[int, float] = {
            int(page["page_no"]): float((page.get("size") or {}).get("height") or 0)
            for page in (document.get("pages") or {}).values()
        }
        self._seen = {
            ref
            for kind in ("tables", "pictures")
            for item in document.get(kind) or ()
            for ref in _refs(item, "captions", "footnotes")
        }
        """Captions and footnotes, which belong to their table or picture."""

    def blocks(self) -> Iterator[Block]:
        yield from self._children(self._body, 0)

    def _children(self, item: Item, depth: int) -> Iterator[Block]:
        for ref in _refs(item, "children"):
            child = self._items.get(ref)
            if child is None or ref in self._seen or depth > MAX_DEPTH:
                continue
            self._seen.add(ref)
            if child.get("content_layer", "body") == "body":
                yield from self._block(ref, child, depth)

    def _block(self, ref: str, item: Item, depth: int) -> Iterator[Block]:
        if ref.startswith("#/tables/"):
            yield from self._table(item)
        elif ref.startswith("#/pictures/"):
            yield from self._picture(item, depth)
        elif ref.startswith("#/groups/") and item.get("label") == "inline":
            yield from self._inline(item)
        elif ref.startswith("#/groups/"):
            yield from self._children(item, depth + 1)
        else:
            yield self._text(item, depth)
            yield from self._children(item, depth + 1)

    def _text(self, item: Item, depth: int) -> Block:
        page, box = self._place(item)
        text = _text(item)
        match item.get("label"):
            case "title":
                return Block(Kind.HEADING, text, 1, page, box)
            case "section_header":
                level = min(6, int(item.get("level") or 1) + 1)
                return Block(Kind.HEADING, text, level, page, box)
            case "list_item":
                marked = f"{item.get('marker') or ''} {text}".strip()
                return Block(Kind.LIST, marked, max(1, depth), page, box)
            case "formula":
                return Block(Kind.FORMULA, text, page=page, box=box)
            case "code":
                language = str(item.get("code_language") or "").lower()
                language = "" if language == "unknown" else language
                return Block(Kind.CODE, text, page=page, box=box, language=language)
            case "footnote":
                return Block(Kind.NOTE, text, page=page, box=box)
            case _:
                return Block(Kind.PARAGRAPH, text, page=page, box=box)

    def _inline(self, group: Item) -> Iterator[Block]:
        """Yield one paragraph of the parts of a line, such as words and a formula."""
        refs = [ref for ref in _refs(group, "children") if ref not in self._seen]
        items = [self._items[ref] for ref in refs if ref in self._items]
        self._seen.update(refs)
        parts = [
            f"${_text(item)}$" if item.get("label") == "formula" else _text(item)
            for item in items
        ]
        page, box = self._place(items[0]) if items else (None, None)
        yield Block(Kind.PARAGRAPH, " ".join(filter(None, parts)), page=page, box=box)

    def _table(self, item: Item) -> Iterator[Block]:
        page, box = self._place(item)
        yield from self._linked(item, "captions", Kind.PARAGRAPH)
        grid = (item.get("data") or {}).get("grid") or []
        rows = tuple(tuple(str(cell.get("text", "")) for cell in row) for row in grid)
        header = 0
        while header < len(grid) and all(c.get("column_header") for c in grid[header]):
            header += 1
        yield Block(
            Kind.TABLE, page=page, box=box, rows=rows, header_rows=max(1, header)
        )
        yield from self._linked(item, "footnotes", Kind.NOTE)

    def _picture(self, item: Item, depth: int) -> Iterator[Block]:
        """Yield the picture with its caption, then the text inside of it."""
        page, box = self._place(item)
        captions = [_text(self._items.get(ref, {})) for ref in _refs(item, "captions")]
        caption = block_text.one_line(" ".join(captions))
        url = str((item.get("image") or {}).get("uri") or "")
        image = embedded_images.image(url, caption, page, box)
        yield Block(Kind.FIGURE, caption, page=page, box=box, image=image)
        yield from self._linked(item, "footnotes", Kind.NOTE)
        yield from self._children(item, depth + 1)

    def _linked(self, item: Item, field: str, kind: Kind) -> Iterator[Block]:
        for ref in _refs(item, field):
            target = self._items.get(ref, {})
            page, box = self._place(target)
            yield Block(kind, _text(target), page=page, box=box)

    def _place(self, item: Item) -> tuple[int | None, Box | None]:
        """Return the page and the box of an item; the first box if it has several."""
        provenance = (item.get("prov") or [None])[0]
        if not provenance:
            return None, None
        page = int(provenance["page_no"])
        box = provenance.get("bbox") or {}
        if not {"l", "t", "r", "b"} <= box.keys():
            return page, None
        left, top, right, bottom = (float(box[side]) for side in "ltrb")
        if box.get("coord_origin", "BOTTOMLEFT") == "BOTTOMLEFT":
            height = self._heights.get(page)
            if not height:
                return page, None
            top, bottom = height - top, height - bottom
        return page, Box(left, top, right, bottom)


def _refs(item: Item, *fields: str) -> Iterable[str]:
    for field in fields:
        for link in item.get(field) or ():
            yield str(link["$ref"])


def _text(item: Item) -> str:
    return str(item.get("text") or item.get("orig") or "")
