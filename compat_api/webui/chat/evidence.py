"""How an answer was found: its steps, what each search brought, and a small picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.webui import links
from retrieval.context.prompt_context import Context
from retrieval.search.evidence import FoundEntity, FoundRelation, Passage

STEPS: Mapping[str, str | Promise] = {
    "keywords": _("keywords"),
    "embedding": _("embedding"),
    "search": _("search"),
    "rerank": _("reranking"),
    "context": _("choosing"),
}
LEGS: Mapping[str, tuple[str, str | Promise]] = {
    "vector": ("vector", _("vector")),
    "question": ("vector", _("vector, whole question")),
    "lexical": ("lexical", _("words")),
    "name": ("lexical", _("name")),
    "entity": ("graph", _("graph, by an entity")),
    "relation": ("graph", _("graph, by a relation")),
    "walk": ("graph", _("graph, walk")),
    "hop": ("graph", _("graph, second hop")),
    "rerank": ("rerank", _("reranker")),
}
"""Of each leg: its family (the colour), and what it is called."""

NEIGHBOUR = (("graph", _("graph, neighbour"), None),)
"""What no search brought itself hangs on what one brought."""

DRAWN_ENTITIES = 24
DRAWN_PASSAGES = 10

Leg = tuple[str, str | Promise, float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """Something found: where it is shown, and which legs brought it with what score."""

    item: FoundEntity | FoundRelation | Passage
    url: str
    legs: Sequence[Leg]


def shown(found: Context) -> str:
    """As HTML for the chat."""
    values = {
        "found": found,
        "steps": [
            (STEPS.get(step, step), seconds, found.tokens.get(step))
            for step, seconds in found.timings.items()
        ],
        "passages": [_passage(one) for one in found.passages],
        "left_out": [_passage(one) for one in found.left_out],
        "entities": [
            Row(one, links.in_graph(one.name), legs(one.legs)) for one in found.entities
        ],
        "relations": [
            Row(one, links.in_graph(one.source), legs(one.legs))
            for one in found.relations
        ],
    }
    return render_to_string("pages/evidence.html", values)


def _passage(one: Passage) -> Row:
    return Row(one, links.of_chunk(one.chunk_id), legs(one.legs))


def legs(scores: Mapping[str, float]) -> Sequence[Leg]:
    """The legs in the order they were asked; a neighbour has none of its own."""
    known = [(*LEGS.get(leg, (leg, leg)), score) for leg, score in scores.items()]
    return known or NEIGHBOUR


def picture(found: Context) -> dict[str, Any]:
    """The best entities, what relates them, and the passages that speak of them.

    The context must have its provenance.
    """
    entities = found.entities[:DRAWN_ENTITIES]
    passages = found.passages[:DRAWN_PASSAGES]
    drawn = {one.id for one in entities}
    return {
        "nodes": [*map(_entity_dot, entities), *map(_passage_dot, passages)],
        "edges": [
            (f"e{one.source_id}", f"e{one.target_id}", one.keywords[:80])
            for one in found.relations
            if one.source_id in drawn and one.target_id in drawn
        ]
        + [
            (f"e{one.id}", passage.chunk_id, "")
            for passage in passages
            for one in entities
            if passage.chunk_id in one.chunk_ids
        ],
    }


def _entity_dot(one: FoundEntity) -> dict[str, Any]:
    return {
        "id": f"e{one.id}",
        "label": one.name,
        "kind": "entity",
        "url": links.in_graph(one.name),
        "found": bool(one.legs),
    }


def _passage_dot(one: Passage) -> dict[str, Any]:
    return {
        "id": one.chunk_id,
        "label": f"[{one.reference_id}] {links.place(one.chunk_id)}",
        "kind": "passage",
        "url": links.of_chunk(one.chunk_id),
        "found": True,
    }
