"""Tests of the queue of summaries: each summary is requested once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from pytest_django import Settings

from documents.models import Workspace
from documents.pipeline import merge_stage
from documents.pipeline.pipeline import Run
from documents.pipeline.steps import summarize
from documents.pipeline.steps.merge import Merged
from graph.merging import summary_queue
from graph.merging.summary_queue import DueSummary
from graph.models import Entity, Relation
from retrieval.index.search_rows import Touched
from retrieval.llm import event_loop
from retrieval.llm.base import ChatRequest
from retrieval.llm.testing.fake import FakeChat
from tests.graph.conftest import Ingest
from tests.models import FakeModels

FACTS = ("one", "two", "three", "four")


@pytest.fixture
def hub(workspace: Workspace, ingest: Ingest, settings: Settings) -> Touched:
    """Create an entity and a relation with four mentions each; a summary needs three."""
    config = replace(settings.LIGHTRAG.ingest, summary_fragments=3)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=config)
    for fact in FACTS:
        ingest(("Hub", "thing", fact), ("Hub", "Rim", "wheel", fact))
    hub, edge = Entity.objects.get(name="Hub"), Relation.objects.get()
    return Touched((hub.pk,), (edge.pk,))


def kinds(due: Iterable[DueSummary]) -> list[str]:
    return [summary.kind for summary in due]


def test_a_summary_is_leased_by_one_live_worker(hub: Touched) -> None:
    due = summary_queue.claim(hub, "first", [])
    assert [summary.descriptions for summary in due] == [FACTS, FACTS]
    assert kinds(summary_queue.claim(hub, "other", ["first"])) == []
    assert kinds(summary_queue.claim(hub, "first", ["first"])) == []


def test_leases_of_a_dead_worker_are_taken_over(hub: Touched) -> None:
    summary_queue.claim(hub, "dead", [])
    assert kinds(summary_queue.claim(hub, "other", ["alive"])) == ["entity", "relation"]


def test_released_descriptions_are_due_without_a_summary(hub: Touched) -> None:
    due = summary_queue.claim(hub, "first", [])
    summary_queue.store([(due[0], "All of it.")])
    summary_queue.release("first", hub)
    assert kinds(summary_queue.claim(hub, "other", ["first"])) == ["relation"]


def test_only_the_owner_releases_a_lease(hub: Touched) -> None:
    summary_queue.claim(hub, "first", [])
    summary_queue.release("other", hub)
    assert kinds(summary_queue.claim(hub, "other", ["first"])) == []


def test_a_summary_lease_keeps_cached_answers(
    workspace: Workspace, settings: Settings, hub: Touched
) -> None:
    settings.LIGHTRAG = FakeModels(FakeChat("x")).configure(settings.LIGHTRAG)
    workspace.refresh_from_db()
    before = workspace.version
    jobs = summarize.claim_jobs(workspace.pk, "me", hub)
    assert len(jobs) == 2
    summarize.release(workspace.pk, "me", hub)
    workspace.refresh_from_db()
    assert workspace.version == before
    summarize.SummaryJob.store(jobs[0], [(jobs[0], "A summary.")])
    workspace.refresh_from_db()
    assert workspace.version == before + 1


def test_a_description_extended_during_its_summary_is_summarized_again(
    workspace: Workspace, settings: Settings, hub: Touched, ingest: Ingest
) -> None:
    chat = FakeChat(lambda request: f"{len(statements(request))} statements.")
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)
    resources = Run("me").resources
    due = summarize.claim_jobs(workspace.pk, "me", hub)
    for fact in ("five", "six", "seven"):
        ingest(("Hub", "thing", fact), ("Hub", "Rim", "wheel", fact))
    call = merge_stage.summarize_and_embed(
        resources, Merged(workspace.pk, (), hub), due
    )
    resources.database.serve(event_loop.submit(call))
    assert sorted(len(statements(request)) for request in chat.requests) == [4, 4, 4, 4]
    assert Entity.objects.get(name="Hub").description == "4 statements."


def statements(request: ChatRequest) -> list[str]:
    """Return the statements to summarize; a former summary is the first of them."""
    return request.messages[1].content.splitlines()[2:]
