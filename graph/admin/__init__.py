"""The graph's tables for staff; changes go through `graph.editing` and `graph.fusion`."""

from graph.admin import aliases, audit, entities, relations

__all__ = ["aliases", "audit", "entities", "relations"]
