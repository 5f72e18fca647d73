"""A document's passages: their text, and in it the entities and relations it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from compat_api.webui import links as webui_links
from documents.models import Chunk, Document
from documents.queries import entity_highlight
from graph.models import EntityMention, RelationMention

CHUNKS_A_PAGE = 25
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|(?<=[。？！])|(?<=\n)(?=\s*\n)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk, its text with what it names marked, and what it says of it."""

    chunk: Chunk
    text: SafeString
    entities: list[EntityMention]
    relations: list[RelationMention]
    cited: bool


def of(document: Document, page: int, cited: int | None) -> list[Passage]:
    """A page of the document's chunks. Three queries, however many there are."""
    first = page * CHUNKS_A_PAGE
    chunks = list(
        Chunk.objects.filter(
            document=document, order__gte=first, order__lt=first + CHUNKS_A_PAGE
        )
        .order_by("order")
        .prefetch_related("entity_mentions__entity")
    )
    related: dict[int, list[RelationMention]] = {}
    mentions = RelationMention.objects.filter(chunk__in=chunks)
    for mention in mentions.select_related("relation__source", "relation__target"):
        related.setdefault(mention.chunk_id, []).append(mention)
    return [
        passage(chunk, related.get(chunk.pk, []), cited=chunk.order == cited)
        for chunk in chunks
    ]


def passage(chunk: Chunk, relations: list[RelationMention], *, cited: bool) -> Passage:
    mentions = sorted(chunk.entity_mentions.all(), key=lambda m: -m.entity.degree)
    links = {m.said_name: webui_links.in_graph(m.entity.name) for m in mentions}
    text = format_html_join(
        "",
        "{}",
        (
            (_related(entity_highlight.mark(sentence, links), numbers),)
            for sentence, numbers in by_sentence(chunk.content, relations)
        ),
    )
    return Passage(chunk, text, mentions, relations, cited)


def by_sentence(
    text: str, relations: Sequence[RelationMention]
) -> Iterator[tuple[str, list[int]]]:
    """The text in pieces, with the relations whose two ends a piece names (from 0)."""
    ends = [
        (one.said_source.casefold(), one.said_target.casefold()) for one in relations
    ]
    for sentence in sentences(text):
        plain = sentence.casefold()
        yield (
            sentence,
            [n for n, (a, b) in enumerate(ends) if a in plain and b in plain],
        )


def sentences(text: str) -> Iterable[str]:
    """The text, whole, cut behind its sentences."""
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return (text[a:b] for a, b in pairwise(cuts) if a < b)


def _related(html: SafeString, numbers: Sequence[int]) -> SafeString:
    if not numbers:
        return html
    shown = " ".join(map(str, numbers))
    return format_html(
        '<span class="related" data-relations="{}">{}</span>', shown, html
    )
