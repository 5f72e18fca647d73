"""Requests and responses of `/workspaces`. LightRAG has no such routes."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class WorkspaceShape(Schema):
    """A workspace. `is_default`: used for requests that name no workspace."""

    name: str
    embedding_model: str
    embedding_dimensions: int
    documents: int
    entities: int
    relations: int
    created_at: datetime
    is_default: bool


class WorkspaceList(Schema):
    """The workspaces that the caller may access, sorted by name."""

    workspaces: list[WorkspaceShape]


class NewName(Schema):
    """A workspace name; characters other than `[A-Za-z0-9_]` become `_`."""

    name: str = Field(min_length=1, max_length=64, pattern=r"[A-Za-z0-9]")


class DeletedWorkspace(Schema):
    """The result of deleting a workspace with its content."""

    status: str
    message: str
