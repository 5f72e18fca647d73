"""Chunking: divide a text into chunks, without the database; `embed` is an argument."""

from __future__ import annotations

from collections.abc import Iterable

from documents.chunking import (
    chunk_drafts,
    fixed_token,
    paragraph_semantic,
    recursive_character,
    semantic_vector,
)
from documents.chunking.chunk_drafts import ChunkDraft
from documents.chunking.options import ChunkOptions
from documents.chunking.semantic_vector import Embed
from documents.chunking.text_span import Piece
from documents.chunking.token_map import TokenMap
from documents.errors import InvalidChunking
from documents.parsing.parsed_document import ParsedDocument

__all__ = ["ChunkDraft", "ChunkOptions", "Embed", "split"]


def split(
    parsed: ParsedDocument, options: ChunkOptions, *, embed: Embed | None = None
) -> list[ChunkDraft]:
    """A document's chunks in order, blank ones left out.

    Every character but blanks is in some chunk (separators and dropped references
    apart). Raises InvalidChunking where `semantic_vector` gets no `embed`, or a piece may not
    be cut though it is too long.
    """
    token_map = TokenMap(parsed.text)
    pieces = _pieces(parsed, token_map, options, embed)
    return chunk_drafts.draft(pieces, token_map, parsed.pages)


def _pieces(
    parsed: ParsedDocument,
    token_map: TokenMap,
    options: ChunkOptions,
    embed: Embed | None,
) -> Iterable[Piece]:
    match options.strategy:
        case "recursive_character":
            return recursive_character.split(token_map, options)
        case "semantic_vector":
            if embed is None:
                raise InvalidChunking("semantic_vector needs an embedding model.")
            return semantic_vector.split(token_map, options, embed)
        case "paragraph_semantic" if parsed.markdown:
            return paragraph_semantic.split(token_map, options)
        case _:
            # Plain text has no headings to go by: upstream's windows.
            return fixed_token.split(token_map, options)
