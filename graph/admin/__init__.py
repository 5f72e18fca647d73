"""The graph's tables for staff; changes go through `graph.editing` and `graph.fusion`."""

from graph.admin import aliases, entities, relations

__all__ = ["aliases", "entities", "relations"]
