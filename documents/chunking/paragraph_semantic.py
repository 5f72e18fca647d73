"""`paragraph_semantic`: blocks, packed into chunks by section.

- A table or a code block that fits into a chunk is not divided. A larger table is divided
  between rows, and its header is repeated.
- A section begins a new chunk, unless it fits into the previous chunk and either one of
  them is small or both have a common heading. A heading is in the same chunk as the text
  after it.
- Consecutive chunks overlap only within the text of a section, not in tables or code.
- The headings of a chunk are those that all of its text has in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from documents.chunking import atoms, markdown_blocks, recursive_character
from documents.chunking.atoms import Atom
from documents.chunking.chunk_drafts import TextSpan
from documents.chunking.markdown_blocks import Block, Kind
from documents.chunking.options import ChunkOptions
from documents.chunking.token_map import TokenMap
from documents.parsing.parsed_document import ParsedDocument
from retrieval.llm import tokens

SMALL_SECTIONS_PER_CHUNK = 4
"""A section is small if it has fewer tokens than a quarter of a chunk."""
_REFERENCES = re.compile(
    r"(?:[\dIVX]+\.?\s+)?(?:references|bibliography|works cited|參考文獻|参考文献|參考資料)",
    re.IGNORECASE,
)


def split(
    parsed: ParsedDocument, token_map: TokenMap, options: ChunkOptions
) -> Iterator[TextSpan]:
    """Return the spans of a text whose structure is known."""
    blocks: Iterable[Block] = markdown_blocks.of_document(parsed)
    if options.drop_references:
        blocks = (block for block in blocks if not _in_references(block))
    packed = list(atoms.divide(blocks, token_map, options))
    yield from _Packer(token_map, options, packed).pack()


def _in_references(block: Block) -> bool:
    return any(_REFERENCES.fullmatch(title.strip()) for title in block.path)


@dataclass(slots=True)
class _OpenChunk:
    """The chunk to which atoms are being added."""

    start: int
    tokens: int = 0
    prefix: str = ""
    atoms: list[Atom] = field(default_factory=list)
    path: tuple[str, ...] = ()
    """The headings that all texts have in common; those of the headings without texts."""
    only_headings: bool = True

    def add(self, atom: Atom) -> None:
        is_heading = atom.kind is Kind.HEADING
        if not self.atoms or (self.only_headings and not is_heading):
            self.path = atom.path
        elif self.only_headings or not is_heading:
            self.path = _common([self.path, atom.path])
        self.only_headings = self.only_headings and is_heading
        self.atoms.append(atom)
        self.tokens += atom.tokens

    def span(self) -> TextSpan:
        return TextSpan(self.start, self.atoms[-1].end, self.path, self.prefix)


class _Packer:
    """Distribution of the atoms of a text over chunks."""

    def __init__(
        self, token_map: TokenMap, options: ChunkOptions, all_atoms: list[Atom]
    ) -> None:
        self.token_map = token_map
        self.options = options
        self.atoms = all_atoms
        self.section_sizes = _section_sizes(all_atoms)

    def pack(self) -> Iterator[TextSpan]:
        chunk: _OpenChunk | None = None
        for number, atom in enumerate(self.atoms):
            if chunk is None:
                chunk = self._begin(atom)
            elif not self._fits(chunk, atom, self.section_sizes[number]):
                yield chunk.span()
                chunk = self._after(chunk, atom)
            chunk.add(atom)
        if chunk is not None:
            yield chunk.span()

    def _fits(self, chunk: _OpenChunk, atom: Atom, section_size: int) -> bool:
        """Return whether `atom` is added to the chunk.

        `section_size` is the size of the section of which the atom is the heading.
        """
        follows = chunk.atoms[-1].end == atom.start
        if not follows or chunk.tokens + atom.tokens > self.options.size:
            return False
        if atom.kind is not Kind.HEADING or chunk.only_headings:
            return True
        small = self.options.size // SMALL_SECTIONS_PER_CHUNK
        if chunk.tokens + section_size > self.options.size:
            return chunk.tokens < small and section_size > self.options.size
        related = bool(_common([chunk.path, atom.path]))
        return related or chunk.tokens < small or section_size < small

    def _begin(self, atom: Atom) -> _OpenChunk:
        """Return a chunk without overlap; a row of a table is preceded by its header."""
        header = atom.table_header
        size = tokens.count(header) if header else 0
        return _OpenChunk(atom.start, tokens=size, prefix=header)

    def _after(self, chunk: _OpenChunk, atom: Atom) -> _OpenChunk:
        """Return the chunk after `chunk`, with an overlap if `atom` continues its text."""
        last = chunk.atoms[-1]
        continues = last.kind is atom.kind is Kind.TEXT and last.path == atom.path
        if not continues or last.end != atom.start or not self.options.overlap:
            return self._begin(atom)
        section = next(a for a in chunk.atoms if a.path == atom.path)
        begin = max(chunk.start, section.start)
        start = recursive_character.overlap_start(
            self.token_map, begin, atom.start, self.options
        )
        size = self.token_map.count(start, atom.start)
        if size + atom.tokens > self.options.size:
            return self._begin(atom)
        return _OpenChunk(start, tokens=size)


def _section_sizes(all_atoms: list[Atom]) -> list[int]:
    """Return for each heading the tokens of its section, and 0 for other atoms.

    A section ends at the first heading after its text. Consecutive headings share it.
    """
    sizes = [0] * len(all_atoms)
    size = 0
    for number in range(len(all_atoms) - 1, -1, -1):
        atom = all_atoms[number]
        size += atom.tokens
        if atom.kind is Kind.HEADING:
            sizes[number] = size
            if number and all_atoms[number - 1].kind is not Kind.HEADING:
                size = 0
    return sizes


def _common(paths: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headings with which all of these paths begin."""
    levels = zip(*paths, strict=False)
    return tuple(level[0] for level in takewhile(_same, levels))


def _same(titles: tuple[str, ...]) -> bool:
    return len(set(titles)) == 1
