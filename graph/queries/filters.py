"""Filter of the graph by entity types and by documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from graph.models import Entity, EntityMention, Relation


@dataclass(frozen=True, slots=True)
class GraphFilter:
    """Allowed entity types and public ids of documents; empty allows all."""

    types: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def entities(self, entities: QuerySet[Entity]) -> QuerySet[Entity]:
        """Return the entities that the filter allows."""
        if self.types:
            entities = entities.filter(entity_type__in=self.types)
        if self.documents:
            mentions = EntityMention.objects.filter(
                chunk__document__public_id__in=self.documents
            )
            entities = entities.filter(pk__in=mentions.values("entity"))
        return entities

    def relations(self, relations: QuerySet[Relation]) -> QuerySet[Relation]:
        """Return the relations that an allowed document mentions."""
        if not self.documents:
            return relations
        return relations.filter(
            mentions__chunk__document__public_id__in=self.documents
        ).distinct()

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of `CONDITION`; NULL allows all."""
        return {
            "types": list(self.types) or None,
            "documents": list(self.documents) or None,
        }


NO_FILTER = GraphFilter()

# The same condition in SQL, for an entity `e`.
CONDITION = """
    (%(types)s::text[] IS NULL OR e.entity_type = ANY(%(types)s::text[]))
    AND (%(documents)s::text[] IS NULL OR e.id IN (
        SELECT m.entity_id FROM graph_entitymention m
        JOIN documents_chunk c ON c.id = m.chunk_id
        JOIN documents_document d ON d.id = c.document_id
        WHERE d.public_id = ANY(%(documents)s::text[])))
"""
