"""Blocks -> atoms: blocks that fit a chunk are one atom, others are divided: tables by
rows, code by lines, the rest by paragraphs, lines and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from documents.chunking import recursive_character
from documents.chunking.markdown_blocks import Block, Kind
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap

PARTS = 4
"""A block too large is divided into parts of a quarter chunk, so that chunks fill well."""
TABLE_HEAD_LINES = 2
CODE_SEPARATORS = ("\n\n", "\n", " ")


@dataclass(frozen=True, slots=True)
class Atom:
    """What no chunk is cut within."""

    start: int
    end: int
    tokens: int
    kind: Kind
    path: tuple[str, ...]
    head: str = ""
    """The head of the table that this is a row of, where another row comes before it."""


def divide(
    blocks: Iterable[Block], token_map: TokenMap, options: ChunkOptions
) -> Iterator[Atom]:
    """Every atom is at most a chunk in size."""
    for block in blocks:
        atom = _atom(block, token_map)
        if atom.tokens <= options.size:
            yield atom
        elif atom.kind is Kind.TABLE:
            yield from _rows(atom, token_map, options)
        else:
            yield from _parts(atom, token_map, options)


def _atom(block: Block, token_map: TokenMap) -> Atom:
    size = token_map.count(block.start, block.end)
    return Atom(block.start, block.end, size, block.kind, block.path)


def _parts(atom: Atom, token_map: TokenMap, options: ChunkOptions) -> Iterator[Atom]:
    small = max(1, (options.size - options.overlap) // PARTS)
    finer = replace(options, size=small, overlap=0)
    if atom.kind is Kind.CODE:
        finer = replace(finer, separators=CODE_SEPARATORS)
    for piece in recursive_character.within(token_map, atom.start, atom.end, finer):
        size = token_map.count(piece.start, piece.end)
        yield replace(atom, start=piece.start, end=piece.end, tokens=size)


def _rows(table: Atom, token_map: TokenMap, options: ChunkOptions) -> Iterator[Atom]:
    """Rows; the head is repeated where it leaves them half of the room."""
    lines = token_map.text[table.start : table.end].splitlines(keepends=True)
    head = "".join(lines[:TABLE_HEAD_LINES])
    start = table.start
    repeated = token_map.count(start, start + len(head)) * 2 <= options.size
    for number, line in enumerate(lines):
        row_head = head if repeated and number >= TABLE_HEAD_LINES else ""
        size = token_map.count(start, start + len(line))
        row = Atom(start, start + len(line), size, Kind.TABLE, table.path, row_head)
        start += len(line)
        fits = size <= options.size // 2
        yield from [row] if fits else _parts(row, token_map, options)
