"""Admin pages of the graph. They change it only through `graph.curation`."""

from graph.admin import aliases, entities, relations

__all__ = ["aliases", "entities", "relations"]
