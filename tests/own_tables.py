"""Search tables of its own for a workspace with few rows, for tests of large workspaces."""

from __future__ import annotations

from documents.models import Workspace
from retrieval.index import own_tables, tables
from retrieval.models import SearchIndex


def give(workspace: Workspace) -> int:
    """Move the workspace to tables of its own and return the id of its index."""
    workspace.refresh_from_db()
    index = SearchIndex.objects.create(
        pk=tables.new_id(shared=False),
        workspace_id=workspace.pk,
        state=SearchIndex.State.BUILDING,
        embedding_model=workspace.embedding_model,
        embedding_dimensions=workspace.embedding_dimensions,
    )
    own_tables.work(lambda: False)
    workspace.refresh_from_db()
    assert workspace.search_index == index.pk
    return index.pk
