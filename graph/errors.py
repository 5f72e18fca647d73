"""Errors of reading and changing the graph.

GraphError
├── UnknownEntity
├── UnknownRelation
├── EntityExists
├── RelationExists
├── TooFarApart
└── InvalidEdit        `field` names the invalid value
    └── SelfMerge
"""

from __future__ import annotations


class GraphError(Exception):
    """The graph does not allow this change."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class UnknownEntity(GraphError):
    """The entity does not exist."""

    def __init__(self, name: str, role: str = "Entity") -> None:
        super().__init__(f"Entity '{name}' not found.")
        self.name = name
        self.role = role
        """Its role in the request: `Source entity`, `Target entity`."""


class UnknownRelation(GraphError):
    """The relation does not exist."""

    def __init__(self, *ends: str) -> None:
        first, second = sorted(ends)
        super().__init__(f"Relation from '{first}' to '{second}' does not exist")


class EntityExists(GraphError):
    """An entity has this name already."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message or f"Entity '{name}' already exists")
        self.name = name


class RelationExists(GraphError):
    """A relation between these entities exists already."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"Relation from '{source}' to '{target}' already exists")


class TooFarApart(GraphError):
    """No path was found within the limits of the search; a longer one may exist."""


class InvalidEdit(GraphError):
    """A value is invalid; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class SelfMerge(InvalidEdit):
    """An entity can't be merged into itself."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "entities_to_change",
            f"Entity '{name}' can't be merged into itself. Name another entity.",
        )
