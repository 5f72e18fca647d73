"""The chunks of a document: their text with links to the entities and relations in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from compat_api.webui import links
from documents.models import Chunk, Document, Figure
from documents.queries import entity_highlight
from graph.models import EntityMention, RelationMention

CHUNKS_PER_PAGE = 25
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|(?<=[。？！])|(?<=\n)(?=[^\S\n]*+\n)")


@dataclass(frozen=True, slots=True)
class ChunkItem:
    """A chunk with its highlighted text, its mentions and its figures."""

    chunk: Chunk
    text: SafeString
    entities: list[EntityMention]
    relations: list[RelationMention]
    figures: Sequence[Figure]
    cited: bool


def of_page(document: Document, page: int, cited: int | None) -> list[ChunkItem]:
    """Return a page of the document's chunks, counted from 0. Runs four queries."""
    first = page * CHUNKS_PER_PAGE
    rows = Chunk.objects.filter(
        document=document, order__gte=first, order__lt=first + CHUNKS_PER_PAGE
    )
    return _items(rows, cited)


def chunk_item(document: Document, order: int) -> ChunkItem | None:
    """Return one chunk of the document; None if it does not exist. Four queries."""
    rows = Chunk.objects.filter(document=document, order=order)
    return next(iter(_items(rows, order)), None)


def _items(rows: QuerySet[Chunk], cited: int | None) -> list[ChunkItem]:
    chunks = list(rows.order_by("order").prefetch_related("entity_mentions__entity"))
    relations: dict[int, list[RelationMention]] = {}
    mentions = RelationMention.objects.filter(chunk__in=chunks)
    for mention in mentions.select_related("relation__source", "relation__target"):
        relations.setdefault(mention.chunk_id, []).append(mention)
    figures = _figures(chunks)
    return [
        item(
            chunk,
            relations.get(chunk.pk, []),
            figures.get(chunk.pk, []),
            cited=chunk.order == cited,
        )
        for chunk in chunks
    ]


def _figures(chunks: Sequence[Chunk]) -> dict[int, list[Figure]]:
    """Return the figures that each chunk contains or describes, by its id. One query."""
    figures: dict[int, list[Figure]] = {}
    beside = Q(chunk__in=chunks) | Q(description_chunk__in=chunks)
    for figure in Figure.objects.filter(beside).defer("content").order_by("order"):
        for chunk_id in (figure.chunk_id, figure.description_chunk_id):
            if chunk_id is not None:
                figures.setdefault(chunk_id, []).append(figure)
    return figures


def item(
    chunk: Chunk,
    relations: list[RelationMention],
    figures: Sequence[Figure],
    *,
    cited: bool,
) -> ChunkItem:
    """Highlight the entities and relations in the text of the chunk."""
    mentions = sorted(chunk.entity_mentions.all(), key=lambda m: -m.entity.degree)
    urls = {m.mentioned_name: links.to_entity(m.entity.name) for m in mentions}
    text = format_html_join(
        "",
        "{}",
        (
            (_mark_relations(entity_highlight.highlight(sentence, urls), numbers),)
            for sentence, numbers in by_sentence(chunk.content, relations)
        ),
    )
    return ChunkItem(chunk, text, mentions, relations, figures, cited)


def by_sentence(
    text: str, relations: Sequence[RelationMention]
) -> Iterator[tuple[str, list[int]]]:
    """Yield each sentence with the indexes of the relations whose two ends it names."""
    ends = [
        (relation.mentioned_source.casefold(), relation.mentioned_target.casefold())
        for relation in relations
    ]
    for sentence in sentences(text):
        folded = sentence.casefold()
        yield (
            sentence,
            [n for n, (a, b) in enumerate(ends) if a in folded and b in folded],
        )


def sentences(text: str) -> Iterable[str]:
    """Split the text after its sentences, without dropping characters."""
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    return (text[a:b] for a, b in pairwise(cuts) if a < b)


def _mark_relations(html: SafeString, numbers: Sequence[int]) -> SafeString:
    if not numbers:
        return html
    return format_html(
        '<span class="related" data-relations="{}">{}</span>',
        " ".join(map(str, numbers)),
        html,
    )
