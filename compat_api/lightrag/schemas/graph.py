"""What goes in and out of `/graphs` and `/graph/…` (docs/lightrag.md A.4)."""

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

from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import InvalidEdit


def not_empty(name: str) -> str:
    """A name without the white space around it; blanks are none."""
    stripped = name.strip()
    if not stripped:
        raise ValueError("Entity name cannot be empty")
    return stripped


def not_a_switch(value: Any) -> Any:
    """true would pass for the number 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Name = Annotated[str, AfterValidator(not_empty)]
SomeName = Annotated[str, Field(min_length=1), AfterValidator(not_empty)]
Weight = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(not_a_switch)]
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
        """The same for graph.curation.edit."""
        return EntityChanges(self.entity_name, self.entity_type, described(self))


class RelationFields(BaseModel):
    """What can be said of a relation."""

    model_config = ConfigDict(extra="allow")

    description: str | None = None
    keywords: str | None = None
    weight: Weight | None = None

    def changes(self) -> RelationChanges:
        """The same for graph.curation.edit."""
        return RelationChanges(described(self), self.keywords, self.weight)


def described(fields: EntityFields | RelationFields) -> str | None:
    """None where it was left out; null is a description that says nothing."""
    given = "description" in fields.model_fields_set
    return (fields.description or "") if given else None


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

    entity_name: Name
    updated_data: EntityFields
    allow_rename: bool = False
    allow_merge: bool = False

    @model_validator(mode="after")
    def new_name_is_a_name(self) -> EntityUpdateRequest:
        """What renames it must say something; left out it renames nothing."""
        new = self.updated_data
        if "entity_name" in new.model_fields_set:
            new.entity_name = not_empty(new.entity_name or "")
        return self


class RelationUpdateRequest(Schema):
    """Changes of a relation."""

    source_id: Name
    target_id: Name
    updated_data: RelationFields


class EntityCreateRequest(Schema):
    """A new entity; `entity_data` must have a description."""

    entity_name: SomeName
    entity_data: EntityFields


class RelationCreateRequest(Schema):
    """A new relation; `relation_data` must have a description."""

    source_entity: SomeName
    target_entity: SomeName
    relation_data: RelationFields


class EntityMergeRequest(Schema):
    """Entities that are one; the target is made where it does not exist."""

    entities_to_change: list[Name] = Field(min_length=1)
    entity_to_change_into: SomeName


class EntitySplitRequest(Schema):
    """The name that was given up."""

    alias: str = Field(min_length=1)


class DeleteEntityRequest(Schema):
    """An entity to delete."""

    entity_name: Name


class DeleteRelationRequest(Schema):
    """A relation to delete; its direction does not matter."""

    source_entity: Name
    target_entity: Name


class DeletionResult(Schema):
    """What was deleted."""

    status: str = "success"
    doc_id: str = ""
    message: str
    status_code: int = 200
    file_path: str | None = None
