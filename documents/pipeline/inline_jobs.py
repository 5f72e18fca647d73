"""Run jobs as a worker does, while the caller waits, and report the progress."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from documents.pipeline.database_steps import DatabaseSteps
from documents.pipeline.job_runner import JobRunner, lane_limits
from documents.pipeline.jobs import Job, JobOwner
from retrieval.llm import event_loop

Progress = Callable[[int, int], None]
"""Called with the number of jobs stored and the number of all jobs."""


def finish(workspace_id: int, jobs: Sequence[Job], progress: Progress) -> None:
    """Run jobs of a workspace. Raises the first error when all have ended."""
    database = DatabaseSteps()
    runner = JobRunner(
        lane_limits(), database, on_stored=lambda stored: progress(stored, len(jobs))
    )
    run = event_loop.submit(runner.run(JobOwner(workspace_id), jobs))
    errors = database.serve(run)
    if errors:
        raise errors[0]
