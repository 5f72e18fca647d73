"""How entities, relations and passages are written in a context: a line of JSON each.

JSON keeps a passage on its own line, so that its text cannot pass for another source.
"""

from __future__ import annotations

from graph.models import SEPARATOR
from retrieval.llm import tokens
from retrieval.llm.text_cleaning import one_line_json
from retrieval.search.evidence import FoundEntity, FoundRelation, Passage

HEADING_TOKENS = 256
_EXTRA_TOKENS = 24
"""Keys, quotes, reference id and page of a passage's line."""


def entity(found: FoundEntity) -> str:
    return _line(
        {
            "entity": found.name,
            "type": found.entity_type,
            "description": _told(found.description),
        }
    )


def relation(found: FoundRelation) -> str:
    return _line(
        {
            "entity1": found.source,
            "entity2": found.target,
            "description": _told(found.description),
        }
    )


def passage(found: Passage, *, headings: bool) -> str:
    line: dict[str, str] = {"reference_id": found.reference_id}
    if found.pages:
        line["page"] = "–".join(map(str, found.pages))
    if headings and found.headings:
        line["content_headings"] = heading_path(found)
    return _line(line | {"content": found.content})


def passage_tokens(found: Passage, *, headings: bool) -> int:
    """At least what the passage's line costs, without counting its text once more.

    Each character that JSON adds can cost a token, and part another in two.
    """
    escaped = one_line_json(found.content)
    added = len(escaped) - len(found.content) - 2
    path = tokens.count(heading_path(found)) if headings and found.headings else 0
    return found.tokens + 2 * added + path + _EXTRA_TOKENS


def heading_path(found: Passage) -> str:
    return tokens.truncate(" → ".join(found.headings), HEADING_TOKENS)


def _told(description: str) -> str:
    """What was said, a line for each; the separator means nothing to a model."""
    return description.replace(SEPARATOR, "\n")


def _line(fields: dict[str, str]) -> str:
    return one_line_json(fields)
