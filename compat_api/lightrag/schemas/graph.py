"""What goes in and out of `/graphs` and `/graph/…` (UPSTREAM a.4)."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field

from graph import cypher
from graph.editing import EntityChanges, RelationChanges
from graph.errors import InvalidEdit

Name = Annotated[str, Field(min_length=1)]
DERIVED = ("file_path", "source_id")
"""Fields of upstream that say where something comes from: here they are derived from
what the chunks said, so they are accepted and have no effect."""


class EntityFields(BaseModel):
    """What can be said of an entity."""

    model_config = ConfigDict(extra="allow")

    entity_name: str | None = Field(None, max_length=256)
    entity_type: str | None = Field(None, max_length=128)
    description: str | None = None

    def changes(self) -> EntityChanges:
        """The same for graph.editing."""
        return EntityChanges(self.entity_name, self.entity_type, self.description)


class RelationFields(BaseModel):
    """What can be said of a relation."""

    model_config = ConfigDict(extra="allow")

    description: str | None = None
    keywords: str | None = None
    weight: float | None = Field(None, allow_inf_nan=False)

    def changes(self) -> RelationChanges:
        """The same for graph.editing."""
        return RelationChanges(self.description, self.keywords, self.weight)


def check_known(fields: EntityFields | RelationFields, kind: str) -> None:
    """Raises InvalidEdit for the first field nobody knows."""
    known = sorted((*type(fields).model_fields, *DERIVED))
    for field in fields.model_extra or {}:
        if field not in DERIVED:
            raise InvalidEdit(
                field,
                f"Unknown {kind} field '{field}'. Allowed fields: {', '.join(known)}",
            )


class KnowledgeGraphNode(Schema):
    """An entity."""

    id: str
    labels: list[str]
    properties: dict[str, Any]


class KnowledgeGraphEdge(Schema):
    """A relation; its id is `A-B`."""

    id: str
    type: str | None
    source: str
    target: str
    properties: dict[str, Any]


class KnowledgeGraph(Schema):
    """A part of the graph; `is_truncated` where max_nodes cut it."""

    nodes: list[KnowledgeGraphNode]
    edges: list[KnowledgeGraphEdge]
    is_truncated: bool


class Existence(Schema):
    """Whether there is such an entity."""

    exists: bool


class EntityUpdateRequest(Schema):
    """Changes of an entity; a new `entity_name` among them renames it."""

    entity_name: str
    updated_data: EntityFields
    allow_rename: bool = False
    allow_merge: bool = False


class RelationUpdateRequest(Schema):
    """Changes of a relation."""

    source_id: str
    target_id: str
    updated_data: RelationFields


class EntityCreateRequest(Schema):
    """A new entity; `entity_data` must have a description."""

    entity_name: Name
    entity_data: EntityFields


class RelationCreateRequest(Schema):
    """A new relation; `relation_data` must have a description."""

    source_entity: Name
    target_entity: Name
    relation_data: RelationFields


class EntityMergeRequest(Schema):
    """Entities that are one; the target is made where it does not exist."""

    entities_to_change: list[str] = Field(min_length=1)
    entity_to_change_into: Name


class EntitySplitRequest(Schema):
    """The name that was given up."""

    alias: str = Field(min_length=1)


class DeleteEntityRequest(Schema):
    """An entity to delete."""

    entity_name: str


class DeleteRelationRequest(Schema):
    """A relation to delete; its direction does not matter."""

    source_entity: str
    target_entity: str


class DeletionResult(Schema):
    """What was deleted."""

    status: str = "success"
    doc_id: str = ""
    message: str
    status_code: int = 200
    file_path: str | None = None


class CypherRequest(Schema):
    """A read-only Cypher query; `parameters` are its `$name`s."""

    query: Annotated[str, Field(min_length=1, max_length=16_384)]
    parameters: dict[str, Any] = {}
    limit: int = Field(cypher.DEFAULT_ROWS, ge=1, le=10_000)


class CypherAnswer(Schema):
    """Rows of values; a vertex or edge is an object, a path a list of them.

    `is_truncated` where there are more rows than `limit`.
    """

    columns: list[str]
    rows: list[list[Any]]
    is_truncated: bool
