"""A part of the graph: the entities of some types, or that some documents speak of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from graph.models import Entity, EntityMention, Relation


@dataclass(frozen=True, slots=True)
class Only:
    """Types of entities, and public ids of documents; empty means any."""

    types: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def entities(self, found: QuerySet[Entity]) -> QuerySet[Entity]:
        """Those of `found` that count."""
        if self.types:
            found = found.filter(entity_type__in=self.types)
        if self.documents:
            said = EntityMention.objects.filter(
                chunk__document__public_id__in=self.documents
            )
            found = found.filter(pk__in=said.values("entity"))
        return found

    def relations(self, found: QuerySet[Relation]) -> QuerySet[Relation]:
        """Those of `found` that these documents speak of."""
        if not self.documents:
            return found
        return found.filter(
            mentions__chunk__document__public_id__in=self.documents
        ).distinct()

    @property
    def values(self) -> dict[str, Any]:
        """For `CONDITION`: None where anything will do."""
        return {
            "types": list(self.types) or None,
            "documents": list(self.documents) or None,
        }


EVERYTHING = Only()

# Of an entity `e`, for statements that are written out.
CONDITION = """
    (%(types)s::text[] IS NULL OR e.entity_type = ANY(%(types)s::text[]))
    AND (%(documents)s::text[] IS NULL OR e.id IN (
        SELECT m.entity_id FROM graph_entitymention m
        JOIN documents_chunk c ON c.id = m.chunk_id
        JOIN documents_document d ON d.id = c.document_id
        WHERE d.public_id = ANY(%(documents)s::text[])))
"""
