"""Workspaces by name: found, made, and dropped."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from documents.models import Workspace
from documents.workspaces import audit, names
from documents.workspaces.audit import Action


class UnknownWorkspace(LookupError):
    """There is no such workspace."""


def clean_name(name: str) -> str:
    """Return the valid form of a name; a blank one means the server's own workspace."""
    return names.clean(name, settings.LIGHTRAG.server.workspace)


def get(name: str) -> Workspace:
    """The workspace of that name; raises UnknownWorkspace."""
    try:
        return Workspace.objects.get(name=clean_name(name))
    except Workspace.DoesNotExist:
        raise UnknownWorkspace(f"There is no workspace '{clean_name(name)}'.") from None


def by_id(workspace_id: int) -> Workspace:
    """As it is now; raises UnknownWorkspace."""
    try:
        return Workspace.objects.get(pk=workspace_id)
    except Workspace.DoesNotExist:
        raise UnknownWorkspace("The workspace was deleted.") from None


def embedding_model(workspace_id: int) -> str:
    """The label of the model whose vectors it holds; empty once it is gone."""
    found = Workspace.objects.filter(pk=workspace_id)
    return found.values_list("embedding_model", flat=True).first() or ""


def ensure(name: str) -> Workspace:
    """The workspace of that name, made for the configured embedding model if need be."""
    clean = clean_name(name)
    found = Workspace.objects.filter(name=clean).first()
    return found or _make(clean)


def _make(name: str) -> Workspace:
    embedding = settings.LIGHTRAG.embedding
    with transaction.atomic():
        workspace, made = Workspace.objects.get_or_create(
            name=name,
            defaults={
                "embedding_model": embedding.label,
                "embedding_dimensions": embedding.dimensions,
            },
        )
        if made:
            audit.record(Action.WORKSPACE_CREATE, name, workspace_id=workspace.pk)
    return workspace
