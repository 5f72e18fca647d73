"""Embed the rows that deletions and edits have changed.

Deletions and edits record their time in the workspace's row
(`retrieval.index.search_rows`). A worker finds this record without a notification, so a
lost notification does not leave rows without vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from documents.models import Workspace
from documents.pipeline.jobs import JobOwner
from documents.pipeline.merge_stage import RunResources
from documents.pipeline.steps import embed_graph
from documents.pipeline.steps.embed_graph import GraphVectorJob


@dataclass(frozen=True, slots=True)
class StaleWorkspace:
    """A workspace with rows to embed, and the time of the last change."""

    workspace_id: int
    since: datetime

    def jobs(self) -> list[GraphVectorJob]:
        """Return jobs for all stale rows of the workspace."""
        return embed_graph.vector_jobs(self.workspace_id, None)

    def clear(self) -> None:
        """Delete the record, unless there is a newer one."""
        Workspace.objects.filter(pk=self.workspace_id, stale_since=self.since).update(
            stale_since=None
        )


def stale(only: int | None) -> Iterator[StaleWorkspace]:
    """Yield the workspaces with stale rows; `only` restricts them to one workspace."""
    workspaces = Workspace.objects.exclude(stale_since=None)
    if only is not None:
        workspaces = workspaces.filter(pk=only)
    for pk, since in workspaces.values_list("pk", "stale_since"):
        if since is not None:
            yield StaleWorkspace(pk, since)


async def refresh(resources: RunResources, workspace: StaleWorkspace) -> None:
    """Embed the stale rows. Rows that fail stay stale for the next worker."""
    jobs = await resources.database.run(workspace.jobs)
    errors = await resources.jobs.run(JobOwner(workspace.workspace_id), jobs)
    if not errors:
        await resources.database.run(workspace.clear)
