"""Shapes of `/workspaces`, which upstream has not."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class WorkspaceShape(Schema):
    """A knowledge base. `is_default`: requests that name none are about it."""

    name: str
    embedding_model: str
    embedding_dimensions: int
    documents: int
    entities: int
    relations: int
    created_at: datetime
    is_default: bool


class WorkspaceList(Schema):
    """Those that the caller may enter, by name."""

    workspaces: list[WorkspaceShape]


class NewName(Schema):
    """What it is to be called; other characters than `[A-Za-z0-9_]` become `_`."""

    name: str = Field(min_length=1, max_length=64, pattern=r"[A-Za-z0-9]")


class DeletedWorkspace(Schema):
    """Gone, with all that it held."""

    status: str
    message: str
