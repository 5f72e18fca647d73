"""`paragraph_semantic`: Markdown blocks packed into chunks along its headings.

- A table or a code block that fits a chunk is never cut; a table that does not fit is
  cut between rows, its head repeated.
- A section begins a new chunk, unless it fits into the one before and both are small or
  stand under a common heading. A heading never ends a chunk that text follows.
- A chunk overlaps the one before only within a section, and not into tables or code.
- A chunk's headings are those that all of its text stands under.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from documents.chunking import atoms, markdown_blocks, recursive_character
from documents.chunking.atoms import Atom
from documents.chunking.markdown_blocks import Block, Kind
from documents.chunking.options import ChunkOptions
from documents.chunking.text_span import Piece
from documents.chunking.token_map import TokenMap
from retrieval.llm import tokens

SMALL = 4
"""Less than a quarter of a chunk is small."""
_REFERENCES = re.compile(
    r"(?:[\dIVX]+\.?\s+)?(?:references|bibliography|works cited|參考文獻|参考文献|參考資料)",
    re.IGNORECASE,
)


def split(token_map: TokenMap, options: ChunkOptions) -> Iterator[Piece]:
    """Pieces of a Markdown text."""
    blocks: Iterable[Block] = markdown_blocks.read(token_map.text)
    if options.drop_references:
        blocks = (block for block in blocks if not _in_references(block))
    found = list(atoms.divide(blocks, token_map, options))
    yield from _Packer(token_map, options, found).pack()


def _in_references(block: Block) -> bool:
    return any(_REFERENCES.fullmatch(title.strip()) for title in block.path)


@dataclass(slots=True)
class _Open:
    """The chunk being filled."""

    start: int
    tokens: int = 0
    prefix: str = ""
    atoms: list[Atom] = field(default_factory=list)

    @property
    def only_headings(self) -> bool:
        return all(atom.kind is Kind.HEADING for atom in self.atoms)

    @property
    def path(self) -> tuple[str, ...]:
        texts = [atom for atom in self.atoms if atom.kind is not Kind.HEADING]
        return _common(atom.path for atom in texts or self.atoms)

    def add(self, atom: Atom) -> None:
        self.atoms.append(atom)
        self.tokens += atom.tokens

    def piece(self) -> Piece:
        return Piece(self.start, self.atoms[-1].end, self.path, self.prefix)


class _Packer:
    def __init__(
        self, token_map: TokenMap, options: ChunkOptions, found: list[Atom]
    ) -> None:
        self.token_map = token_map
        self.options = options
        self.atoms = found
        self.sections = _section_sizes(found)

    def pack(self) -> Iterator[Piece]:
        chunk: _Open | None = None
        for number, atom in enumerate(self.atoms):
            if chunk is None:
                chunk = self._begin(atom)
            elif not self._belongs(chunk, atom, self.sections[number]):
                yield chunk.piece()
                chunk = self._after(chunk, atom)
            chunk.add(atom)
        if chunk is not None:
            yield chunk.piece()

    def _belongs(self, chunk: _Open, atom: Atom, section: int) -> bool:
        """Does `atom` go into the chunk? `section` is the size of what it heads."""
        follows = chunk.atoms[-1].end == atom.start
        if not follows or chunk.tokens + atom.tokens > self.options.size:
            return False
        if atom.kind is not Kind.HEADING or chunk.only_headings:
            return True
        small = self.options.size // SMALL
        if chunk.tokens + section > self.options.size:
            return chunk.tokens < small and section > self.options.size
        related = bool(_common([chunk.path, atom.path]))
        return related or chunk.tokens < small or section < small

    def _begin(self, atom: Atom) -> _Open:
        """A chunk without overlap; a table's head before the rest of its rows."""
        head = atom.head
        return _Open(atom.start, tokens=tokens.count(head) if head else 0, prefix=head)

    def _after(self, chunk: _Open, atom: Atom) -> _Open:
        """The chunk after `chunk`, overlapping it where `atom` goes on with its text."""
        last = chunk.atoms[-1]
        goes_on = last.kind is atom.kind is Kind.TEXT and last.path == atom.path
        if not goes_on or last.end != atom.start or not self.options.overlap:
            return self._begin(atom)
        section = next(a for a in chunk.atoms if a.path == atom.path)
        begin = max(chunk.start, section.start)
        start = recursive_character.overlap_start(
            self.token_map, begin, atom.start, self.options
        )
        size = self.token_map.count(start, atom.start)
        if size + atom.tokens > self.options.size:
            return self._begin(atom)
        return _Open(start, tokens=size)


def _section_sizes(found: list[Atom]) -> list[int]:
    """For each heading, the tokens up to the next one with text between; 0 elsewhere."""
    sizes = [0] * len(found)
    size = 0
    for number in range(len(found) - 1, -1, -1):
        atom = found[number]
        size += atom.tokens
        if atom.kind is Kind.HEADING:
            sizes[number] = size
            if number and found[number - 1].kind is not Kind.HEADING:
                size = 0
    return sizes


def _common(paths: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings all of these paths begin with."""
    levels = zip(*paths, strict=False)
    return tuple(level[0] for level in takewhile(_same, levels))


def _same(titles: tuple[str, ...]) -> bool:
    return len(set(titles)) == 1
