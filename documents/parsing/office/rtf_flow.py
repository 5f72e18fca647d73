"""Flows of an RTF text: its paragraphs, lists and tables become blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from documents.parsing.parsed_document import Block, Kind


@dataclass(slots=True)
class Flow:
    """A sequence of paragraphs: the body, a note, a header.

    `parts` are the texts of the open paragraph, `after` the blocks that follow it, and
    `cell`, `row` and `rows` those of the open table.
    """

    blocks: list[Block] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    label: str = ""
    style: int = 0
    level: int = 0
    outline: int = 0
    in_table: bool = False
    cell: list[str] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def reset(self) -> None:
        """Give the next paragraph the default properties, as the word `pard` does."""
        self.in_table, self.style, self.level, self.outline = False, 0, 0, 0
        self.label = ""

    def end(self, styles: Mapping[int, str]) -> None:
        """End the open paragraph and the open table."""
        self.end_paragraph(styles)
        self.end_table()

    def end_paragraph(self, styles: Mapping[int, str]) -> None:
        """Add the open paragraph; `styles` are the names of the styles by number."""
        text = "".join(self.parts).strip()
        self.parts.clear()
        if self.in_table:
            self.cell += [text] if text else []
            return
        self.end_table()
        if text:
            self.blocks.append(self._block(text, styles.get(self.style, "")))
        self.label = ""
        self.blocks += self.after
        self.after = []

    def _block(self, text: str, style: str) -> Block:
        heading = re.match(r"heading (\d)", style)
        label = " ".join(self.label.split())
        level = int(heading[1]) if heading else self.outline
        if level and level < 7 and len(text) < 250:
            return Block(Kind.HEADING, f"{label} {text}".strip(), level=level)
        if label:
            is_bullet = not any(char.isalnum() for char in label) or (
                len(label) == 1 and not label.isalnum()
            )
            return Block(
                Kind.LIST, f"{'-' if is_bullet else label} {text}", level=self.level + 1
            )
        return Block(Kind.PARAGRAPH, text)

    def end_cell(self) -> None:
        text = "".join(self.parts).strip()
        self.parts.clear()
        self.row.append("\n".join([*self.cell, *([text] if text else [])]))
        self.cell.clear()

    def end_row(self) -> None:
        if any(self.row):
            self.rows.append(tuple(self.row))
        self.row.clear()

    def end_table(self) -> None:
        if self.row or self.cell:
            self.end_cell()
            self.end_row()
        if not self.rows:
            return
        if max(map(len, self.rows)) == 1:
            self.blocks += [Block(Kind.PARAGRAPH, row[0]) for row in self.rows]
        else:
            self.blocks.append(Block(Kind.TABLE, rows=tuple(self.rows)))
        self.rows = []

    def flat_text(self) -> str:
        """Return the text of all blocks, of a note for example."""
        texts = [
            block.text or " ".join(" ".join(row) for row in block.rows)
            for block in self.blocks
        ]
        return "\n".join(filter(None, texts)).strip()
