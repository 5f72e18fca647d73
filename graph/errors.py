"""What can be wrong with a request to change or read the graph.

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
    """The graph cannot be changed like that."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class UnknownEntity(GraphError):
    """There is no such entity."""

    def __init__(self, name: str, role: str = "Entity") -> None:
        super().__init__(f"Entity '{name}' not found.")
        self.name = name
        self.role = role
        """What it was named as: `Source entity`, `Target entity`."""


class UnknownRelation(GraphError):
    """There is no such relation."""

    def __init__(self, *ends: str) -> None:
        one, other = sorted(ends)
        super().__init__(f"Relation from '{one}' to '{other}' does not exist")


class EntityExists(GraphError):
    """There is an entity of that name already."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(message or f"Entity '{name}' already exists")
        self.name = name


class RelationExists(GraphError):
    """There is a relation between these entities already."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(f"Relation from '{source}' to '{target}' already exists")


class TooFarApart(GraphError):
    """There may be a path between these entities, but a longer one than is searched for."""


class InvalidEdit(GraphError):
    """A value cannot be taken; `field` names it."""

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
