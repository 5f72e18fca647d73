"""The graph's tables for staff; changes go through `graph.curation.edit` and `graph.curation.entity_merge`."""

from documents.admin import audit_entries
from graph.admin import aliases, entities, relations

__all__ = ["aliases", "audit_entries", "entities", "relations"]
