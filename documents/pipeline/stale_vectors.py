"""What deletes and edits have changed is embedded anew, by whichever worker sees it.

They note the moment in the workspace's row (`retrieval.index.search_rows.void`), so that no lost
message leaves an entity that vectors cannot find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from documents.models import Workspace
from documents.pipeline.steps import merge
from documents.pipeline.steps.merge import GraphVectorJob


@dataclass(frozen=True, slots=True)
class Stale:
    """A workspace with something to embed, and when that was noted."""

    workspace_id: int
    since: datetime

    def jobs(self) -> list[GraphVectorJob]:
        """Jobs for all of it."""
        return merge.vector_jobs(self.workspace_id, None)

    def is_done(self) -> None:
        """Forget the note, unless there is a newer one."""
        Workspace.objects.filter(pk=self.workspace_id, stale_since=self.since).update(
            stale_since=None
        )


def stale(only: int | None) -> Iterator[Stale]:
    """Workspaces with something to embed; `only` this one, if it is given."""
    noted = Workspace.objects.exclude(stale_since=None)
    if only is not None:
        noted = noted.filter(pk=only)
    for pk, since in noted.values_list("pk", "stale_since"):
        if since is not None:
            yield Stale(pk, since)
