"""Requests and responses of `/graphs` and `/graph/…` (docs/lightrag.md A.4)."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from graph.age import run_cypher
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import InvalidEdit


def not_empty(name: str) -> str:
    """Return the stripped name; raise ValueError if it is blank."""
    stripped = name.strip()
    if not stripped:
        raise ValueError("Entity name cannot be empty")
    return stripped


def not_boolean(value: Any) -> Any:
    """Return the value; raise ValueError for a boolean, which is an int in Python."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Name = Annotated[str, AfterValidator(not_empty)]
NonEmptyName = Annotated[str, Field(min_length=1), AfterValidator(not_empty)]
Weight = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(not_boolean)]
DERIVED = ("file_path", "source_id")
"""LightRAG's fields for the source of an entity or relation. They are accepted and have
no effect: the sources are derived from the mentions in chunks."""


class EntityFields(BaseModel):
    """The editable fields of an entity."""

    model_config = ConfigDict(extra="allow")

    entity_name: str | None = Field(None, max_length=256)
    entity_type: str | None = Field(None, max_length=128)
    description: str | None = None

    def changes(self) -> EntityChanges:
        """Return the fields for graph.curation.edit."""
        return EntityChanges(self.entity_name, self.entity_type, new_description(self))


class RelationFields(BaseModel):
    """The editable fields of a relation."""

    model_config = ConfigDict(extra="allow")

    description: str | None = None
    keywords: str | None = None
    weight: Weight | None = None

    def changes(self) -> RelationChanges:
        """Return the fields for graph.curation.edit."""
        return RelationChanges(new_description(self), self.keywords, self.weight)


def new_description(fields: EntityFields | RelationFields) -> str | None:
    """Return the description; None if it was omitted, empty if it is null."""
    is_set = "description" in fields.model_fields_set
    return (fields.description or "") if is_set else None


def check_known(fields: EntityFields | RelationFields, kind: str) -> None:
    """Raise InvalidEdit for the first unknown field."""
    allowed = sorted((*type(fields).model_fields, *DERIVED))
    for field in fields.model_extra or {}:
        if field not in DERIVED:
            raise InvalidEdit(
                field,
                f"Unknown {kind} field '{field}'. Allowed fields: {', '.join(allowed)}",
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
    """A part of the graph; `is_truncated` is true if max_nodes limited it."""

    nodes: list[KnowledgeGraphNode]
    edges: list[KnowledgeGraphEdge]
    is_truncated: bool


class Existence(Schema):
    """Whether the entity exists."""

    exists: bool


class EntityUpdateRequest(Schema):
    """Changes to an entity; an `entity_name` in `updated_data` renames it."""

    entity_name: Name
    updated_data: EntityFields
    allow_rename: bool = False
    allow_merge: bool = False

    @model_validator(mode="after")
    def new_name_is_a_name(self) -> EntityUpdateRequest:
        """Raise ValueError if the new name is blank."""
        fields = self.updated_data
        if "entity_name" in fields.model_fields_set:
            fields.entity_name = not_empty(fields.entity_name or "")
        return self


class RelationUpdateRequest(Schema):
    """Changes to a relation."""

    source_id: Name
    target_id: Name
    updated_data: RelationFields


class EntityCreateRequest(Schema):
    """A new entity; `entity_data` must have a description."""

    entity_name: NonEmptyName
    entity_data: EntityFields


class RelationCreateRequest(Schema):
    """A new relation; `relation_data` must have a description."""

    source_entity: NonEmptyName
    target_entity: NonEmptyName
    relation_data: RelationFields


class EntityMergeRequest(Schema):
    """Entities to merge; the target is created if it does not exist."""

    entities_to_change: list[Name] = Field(min_length=1)
    entity_to_change_into: NonEmptyName


class EntitySplitRequest(Schema):
    """The alias to make an entity again."""

    alias: str = Field(min_length=1)


class DeleteEntityRequest(Schema):
    """An entity to delete."""

    entity_name: Name


class DeleteRelationRequest(Schema):
    """A relation to delete; the order of its entities does not matter."""

    source_entity: Name
    target_entity: Name


class DeletionResult(Schema):
    """The result of a deletion."""

    status: str = "success"
    doc_id: str = ""
    message: str
    status_code: int = 200
    file_path: str | None = None


class CypherRequest(Schema):
    """A read-only Cypher query; `parameters` are the values of its `$name`s."""

    query: Annotated[str, Field(min_length=1, max_length=16_384)]
    parameters: dict[str, Any] = {}
    limit: int = Field(run_cypher.DEFAULT_ROWS, ge=1, le=10_000)


class CypherAnswer(Schema):
    """Rows of values; a vertex or edge is an object, a path is a list of them.

    `is_truncated` is true if there are more rows than `limit`.
    """

    columns: list[str]
    rows: list[list[Any]]
    is_truncated: bool
