"""Serialize entities, relations and chunks for a prompt: one line of JSON each.

JSON escapes line breaks, so the text of a chunk can't imitate another source.
"""

from __future__ import annotations

from graph.models import SEPARATOR
from retrieval.llm import tokens
from retrieval.llm.text_cleaning import one_line_json
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation

HEADING_TOKENS = 256
"""Upper bound on the tokens of a chunk's heading path."""
_EXTRA_TOKENS = 24
"""Tokens of the keys, quotes, reference id and pages of a chunk's line."""


def entity(item: FoundEntity) -> str:
    """Return the entity's line."""
    return one_line_json(
        {
            "entity": item.name,
            "type": item.entity_type,
            "description": _split_lines(item.description),
        }
    )


def relation(item: FoundRelation) -> str:
    """Return the relation's line."""
    return one_line_json(
        {
            "entity1": item.source,
            "entity2": item.target,
            "description": _split_lines(item.description),
        }
    )


def chunk(item: FoundChunk, *, headings: bool) -> str:
    """Return the chunk's line, with its heading path if `headings` is true."""
    line: dict[str, str] = {"reference_id": item.reference_id}
    if item.pages:
        line["page"] = "–".join(map(str, item.pages))
    if headings and item.headings:
        line["content_headings"] = heading_path(item)
    return one_line_json(line | {"content": item.content})


def chunk_tokens(item: FoundChunk, *, headings: bool) -> int:
    """Return an upper bound on the tokens of the chunk's line.

    It uses the stored token count of the text. Each character that JSON escapes can add
    one token and split another into two.
    """
    escaped = one_line_json(item.content)
    added = len(escaped) - len(item.content) - 2
    path = tokens.count(heading_path(item)) if headings and item.headings else 0
    return item.tokens + 2 * added + path + _EXTRA_TOKENS


def heading_path(item: FoundChunk) -> str:
    """Return the headings above the chunk, at most HEADING_TOKENS tokens."""
    return tokens.truncate(" → ".join(item.headings), HEADING_TOKENS)


def _split_lines(description: str) -> str:
    """Replace the separator of merged descriptions by line breaks."""
    return description.replace(SEPARATOR, "\n")
