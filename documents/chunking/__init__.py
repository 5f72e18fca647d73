"""Chunking: divide a text into chunks, without access to the database."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from documents.chunking import (
    chunk_drafts,
    fixed_token,
    paragraph_semantic,
    recursive_character,
    semantic_vector,
)
from documents.chunking.chunk_drafts import ChunkDraft, TextSpan
from documents.chunking.options import ChunkOptions
from documents.chunking.semantic_vector import Embed
from documents.chunking.token_map import TokenMap
from documents.errors import InvalidChunking
from documents.parsing.parsed_document import ParsedDocument

__all__ = ["ChunkDraft", "ChunkOptions", "Embed", "split"]


def split(
    parsed: ParsedDocument,
    options: ChunkOptions,
    *,
    embed: Embed | None = None,
    max_chunks: int = sys.maxsize,
) -> list[ChunkDraft]:
    """Return the chunks of a document in order, without blank ones.

    Every character except whitespace, separators and dropped references is in a chunk.
    Raises InvalidChunking if `semantic_vector` has no `embed`, or if a chunk is too long
    and `split_by_character_only` forbids dividing it. Raises TooManyChunks.
    """
    token_map = TokenMap(parsed.text)
    spans = _spans(parsed, token_map, options, embed)
    return chunk_drafts.draft(spans, token_map, parsed, max_chunks)


def _spans(
    parsed: ParsedDocument,
    token_map: TokenMap,
    options: ChunkOptions,
    embed: Embed | None,
) -> Iterable[TextSpan]:
    match options.strategy:
        case "recursive_character":
            return recursive_character.split(token_map, options)
        case "semantic_vector":
            if embed is None:
                raise InvalidChunking(
                    "The strategy semantic_vector needs an embedding model."
                )
            return semantic_vector.split(token_map, options, embed)
        case "paragraph_semantic" if parsed.markdown:
            return paragraph_semantic.split(parsed, token_map, options)
        case _:
            # Plain text has no headings: use fixed windows, as LightRAG does.
            return fixed_token.split(token_map, options)
