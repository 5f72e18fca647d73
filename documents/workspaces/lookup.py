"""Lookup of workspaces by name, and creation of missing ones."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from documents.models import Workspace
from documents.workspaces import audit, names
from documents.workspaces.audit import Action


class UnknownWorkspace(LookupError):
    """Workspace not found."""


def clean_name(name: str) -> str:
    """Return the valid form of a name; a blank one means the server's own workspace."""
    return names.clean(name, settings.LIGHTRAG.server.workspace)


def get(name: str) -> Workspace:
    """Return the workspace of that name; raise UnknownWorkspace."""
    try:
        return Workspace.objects.get(name=clean_name(name))
    except Workspace.DoesNotExist:
        raise UnknownWorkspace(f"Workspace not found: {clean_name(name)}.") from None


def by_id(workspace_id: int) -> Workspace:
    """Return the current row; raise UnknownWorkspace."""
    try:
        return Workspace.objects.get(pk=workspace_id)
    except Workspace.DoesNotExist:
        raise UnknownWorkspace("The workspace was deleted.") from None


def embedding_model(workspace_id: int) -> str:
    """Return the label of the workspace's embedding model; empty if it was deleted."""
    rows = Workspace.objects.filter(pk=workspace_id)
    return rows.values_list("embedding_model", flat=True).first() or ""


def ensure(name: str) -> Workspace:
    """Return the workspace of that name, created for the configured embedding model."""
    valid_name = clean_name(name)
    workspace = Workspace.objects.filter(name=valid_name).first()
    return workspace or _create(valid_name)


def _create(name: str) -> Workspace:
    embedding = settings.LIGHTRAG.embedding
    with transaction.atomic():
        workspace, created = Workspace.objects.get_or_create(
            name=name,
            defaults={
                "embedding_model": embedding.label,
                "embedding_dimensions": embedding.dimensions,
            },
        )
        if created:
            audit.record(Action.WORKSPACE_CREATE, name, workspace_id=workspace.pk)
    return workspace
