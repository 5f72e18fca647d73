"""Model calls that somebody waits for: as a worker would make them, with progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from documents.pipeline import pipeline
from documents.pipeline.job_executor import Crew
from documents.pipeline.jobs import Job

OWNER = "foreground"
Progress = Callable[[int, int], None]
"""Jobs done, jobs in all."""


def finish(workspace_id: int, jobs: Sequence[Job], progress: Progress) -> None:
    """Do these jobs of a workspace, some at once; raises the first error after the last of them."""
    errors: list[BaseException] = []
    crew = Crew(pipeline.at_once())
    try:
        crew.start(workspace_id, OWNER, jobs, then=errors.extend)
        while crew.busy:
            crew.step(timeout=0.25)
            progress(len(jobs) - crew.waiting - len(crew.running), len(jobs))
    finally:
        crew.disband()
    if errors:
        raise errors[0]
