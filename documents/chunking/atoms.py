"""Atoms: the units of which chunks are composed.

A block that fits into a chunk is one atom. Larger blocks are divided: tables into rows,
code into lines, texts into paragraphs, lines and sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from documents.chunking import recursive_character
from documents.chunking.markdown_blocks import Block, Kind
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap

ATOMS_PER_CHUNK = 4
"""Large blocks are divided into atoms of a quarter chunk, so that chunks are well filled."""
CODE_SEPARATORS = ("\n\n", "\n", " ")


@dataclass(frozen=True, slots=True)
class Atom:
    """A span that is not divided between chunks."""

    start: int
    end: int
    tokens: int
    kind: Kind
    path: tuple[str, ...]
    table_header: str = ""
    """For a row of a table, except the first: the lines of the table's header."""


def divide(
    blocks: Iterable[Block], token_map: TokenMap, options: ChunkOptions
) -> Iterator[Atom]:
    """Divide blocks into atoms, each at most as large as a chunk."""
    for block in blocks:
        atom = _atom(block, token_map)
        if atom.tokens <= options.size:
            yield atom
        elif atom.kind is Kind.TABLE:
            header = token_map.text[block.start : block.header_end]
            yield from _rows(atom, header, token_map, options)
        else:
            yield from _parts(atom, token_map, options)


def _atom(block: Block, token_map: TokenMap) -> Atom:
    size = token_map.count(block.start, block.end)
    return Atom(block.start, block.end, size, block.kind, block.path)


def _parts(atom: Atom, token_map: TokenMap, options: ChunkOptions) -> Iterator[Atom]:
    part_size = max(1, (options.size - options.overlap) // ATOMS_PER_CHUNK)
    part_options = replace(options, size=part_size, overlap=0)
    if atom.kind is Kind.CODE:
        part_options = replace(part_options, separators=CODE_SEPARATORS)
    for span in recursive_character.within(
        token_map, atom.start, atom.end, part_options
    ):
        size = token_map.count(span.start, span.end)
        yield replace(atom, start=span.start, end=span.end, tokens=size)


def _rows(
    table: Atom, header: str, token_map: TokenMap, options: ChunkOptions
) -> Iterator[Atom]:
    """Divide a table into rows; repeat its header if it fills at most half a chunk."""
    body = table.start + len(header)
    repeated = token_map.count(table.start, body) * 2 <= options.size
    start = table.start
    for line in token_map.text[table.start : table.end].splitlines(keepends=True):
        row_header = f"{header}\n" if header and repeated and start > body else ""
        size = token_map.count(start, start + len(line))
        row = Atom(start, start + len(line), size, Kind.TABLE, table.path, row_header)
        start += len(line)
        fits = size <= options.size // 2
        yield from [row] if fits else _parts(row, token_map, options)
