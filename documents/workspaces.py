"""Workspaces by name: found, made, and dropped."""

from __future__ import annotations

import re

from django.conf import settings

from documents.models import Workspace


class UnknownWorkspace(LookupError):
    """There is no such workspace."""


def clean_name(name: str) -> str:
    """Upstream's rule: other characters than `[A-Za-z0-9_]` become `_`; empty is the default."""
    cleaned = re.sub(r"[^A-Za-z0-9_]", "_", name.strip())[:64]
    return cleaned or settings.LIGHTRAG.server.workspace


def get(name: str) -> Workspace:
    """The workspace of that name; raises UnknownWorkspace."""
    try:
        return Workspace.objects.get(name=clean_name(name))
    except Workspace.DoesNotExist:
        raise UnknownWorkspace(f"There is no workspace '{clean_name(name)}'.") from None


def embedding_model(workspace_id: int) -> str:
    """The label of the model whose vectors it holds; empty once it is gone."""
    found = Workspace.objects.filter(pk=workspace_id)
    return found.values_list("embedding_model", flat=True).first() or ""


def ensure(name: str) -> Workspace:
    """The workspace of that name, made for the configured embedding model if need be."""
    embedding = settings.LIGHTRAG.embedding
    workspace, _ = Workspace.objects.get_or_create(
        name=clean_name(name),
        defaults={
            "embedding_model": embedding.label,
            "embedding_dimensions": embedding.dimensions,
        },
    )
    return workspace
