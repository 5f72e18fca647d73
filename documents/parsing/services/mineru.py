"""Blocks of the contents that mineru-api returns.

Boxes are in thousandths of the page; the sizes of the pages are in `middle_json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from documents.errors import ParserFailed
from documents.parsing import block_text
from documents.parsing.markup import html
from documents.parsing.parsed_document import Block, Box, Kind, ParsedDocument
from documents.parsing.services import embedded_images

Item = Mapping[str, Any]
OUTSIDE_THE_BODY = frozenset({"header", "footer", "page_number", "discarded"})
FIGURES = frozenset({"image", "chart", "picture"})


def parse(path: Path, name: str) -> ParsedDocument:
    """Return the document of a stored result. Raises ParserFailed."""
    try:
        results = json.loads(path.read_bytes())["results"]
        (result,) = results.values()
        blocks = list(_Reader(result).blocks())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ParserFailed(f"MinerU's result for '{name}' is not valid.") from error
    return block_text.compose(blocks, engine="mineru")


class _Reader:
    """Reads the contents of one file, which are in reading order."""

    def __init__(self, result: Item) -> None:
        self._items: list[Item] = _decoded(result["content_list"])
        self._images: Mapping[str, str] = result.get("images") or {}
        layout = _decoded(result.get("middle_json") or "{}")
        self._sizes: dict[int, tuple[float, float]] = {
            int(page["page_idx"]): (
                float(page["page_size"][0]),
                float(page["page_size"][1]),
            )
            for page in layout.get("pdf_info") or ()
            if len(page.get("page_size") or ()) == 2
        }

    def blocks(self) -> Iterator[Block]:
        for item in self._items:
            if item.get("type") in OUTSIDE_THE_BODY:
                continue
            page, box = self._place(item)
            for block in self._blocks(item):
                image = block.image and replace(block.image, page=page, box=box)
                yield replace(block, page=page, box=box, image=image)

    def _blocks(self, item: Item) -> Iterator[Block]:
        kind = item.get("type")
        if kind == "table":
            yield from self._table(item)
        elif kind in FIGURES:
            yield self._figure(item, _joined(item, "image_caption", "chart_caption"))
            yield from _notes(item, "image_footnote", "chart_footnote")
        elif kind == "equation":
            yield Block(Kind.FORMULA, _text(item).strip().strip("$").strip())
        elif kind == "list":
            entries = item.get("list_items") or _text(item).splitlines()
            yield from (Block(Kind.LIST, str(entry)) for entry in entries)
        elif kind == "code":
            yield from _paragraph(_joined(item, "code_caption"))
            yield Block(Kind.CODE, _without_fence(str(item.get("code_body") or "")))
        elif kind == "page_footnote":
            yield Block(Kind.NOTE, _text(item))
        elif level := int(item.get("text_level") or 0):
            yield Block(Kind.HEADING, _text(item), min(6, level))
        else:
            yield from _paragraph(_text(item))

    def _table(self, item: Item) -> Iterator[Block]:
        """Yield the table; its image if MinerU could not read it."""
        caption = _joined(item, "table_caption")
        body = str(item.get("table_body") or "")
        table_blocks = [b for b in html.blocks_of_text(body, "table") if b.rows]
        if table_blocks:
            yield from _paragraph(caption)
            yield from table_blocks
        else:
            yield self._figure(item, caption)
        yield from _notes(item, "table_footnote")

    def _figure(self, item: Item, caption: str) -> Block:
        name = PurePosixPath(str(item.get("img_path") or "")).name
        image = embedded_images.image(self._images.get(name, ""), caption)
        return Block(Kind.FIGURE, caption, image=image)

    def _place(self, item: Item) -> tuple[int | None, Box | None]:
        number = item.get("page_idx")
        if not isinstance(number, int):
            return None, None
        size, box = self._sizes.get(number), item.get("bbox") or ()
        if size is None or len(box) != 4:
            return number + 1, None
        left, top, right, bottom = (float(side) / 1000 for side in box)
        width, height = size
        return number + 1, Box(
            left * width, top * height, right * width, bottom * height
        )


def _decoded(value: Any) -> Any:
    """Return a value that some versions return as a text of JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _text(item: Item) -> str:
    return str(item.get("text") or item.get("content") or "")


def _joined(item: Item, *fields: str) -> str:
    lines = (str(line) for field in fields for line in item.get(field) or ())
    return block_text.one_line(" ".join(lines))


def _paragraph(text: str) -> Iterator[Block]:
    if text:
        yield Block(Kind.PARAGRAPH, text)


def _notes(item: Item, *fields: str) -> Iterator[Block]:
    for field in fields:
        for line in item.get(field) or ():
            yield Block(Kind.NOTE, str(line))


def _without_fence(code: str) -> str:
    lines = code.strip("\n").splitlines()
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].startswith("```"):
        lines = lines[1:-1]
    return "\n".join(lines)
