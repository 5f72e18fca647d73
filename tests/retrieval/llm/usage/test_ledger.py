"""Tests of the recorded usage and the daily budget."""

from __future__ import annotations

from dataclasses import replace

from pytest_django import Settings

from documents.intake import uploads
from documents.lifecycle import document_deletion
from documents.models import Document, Workspace
from documents.pipeline import pipeline, run_steps
from documents.queries import pipeline_status
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call, LedgerEntry
from retrieval.llm.usage.models import LLMCache, LLMCall
from tests.models import FakeModels


def add(workspace: Workspace, number: int) -> None:
    text = f"Ada{number} met Babbage in London."
    item = uploads.TextItem(text, f"{number}.txt")
    uploads.accept_texts(workspace, [item], track_id="upload_1")


def limit(settings: Settings, tokens: int) -> None:
    changed = replace(settings.LIGHTRAG.ingest, daily_token_budget=tokens)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=changed)


def test_every_paid_call_is_recorded_once(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, llm_cache=False, summary_fragments=2)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    for number in range(3):
        add(workspace, number)
    pipeline.work(workspace.pk)
    calls = list(LLMCall.objects.values_list("purpose", flat=True))
    assert calls.count("extract") == 3
    assert calls.count("summary") > 0
    assert len(calls) == models.chat.calls
    assert not LLMCache.objects.exists()


def test_usage_is_kept_after_the_document_is_deleted(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace, 1)
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    document_deletion.delete_documents(
        workspace, [document.public_id], delete_llm_cache=True
    )
    assert LLMCall.objects.get().document == document.pk
    assert ledger.tokens_today() > 0


def test_documents_wait_when_the_budget_is_spent(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace, 1)
    pipeline.work(workspace.pk)
    limit(settings, ledger.tokens_today())
    add(workspace, 2)
    assert pipeline.work(workspace.pk) == 0
    assert Document.objects.get(name="2.txt").status == "pending"
    limit(settings, ledger.tokens_today() + 1)
    assert pipeline.work(workspace.pk) == 1


def test_a_running_worker_notices_that_the_budget_is_spent(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    limit(settings, 1_000_000)
    assert not run_steps.observe("me", [], only=None).budget_spent
    ledger.write([LedgerEntry(workspace.pk, "query", Call("m", 2_000_000))])
    assert run_steps.observe("me", [], only=None).budget_spent


def test_the_status_of_a_waiting_document_names_the_budget(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    assert pipeline_status.waiting_reason() == ""
    limit(settings, 1)
    ledger.write([LedgerEntry(workspace.pk, "query", Call("m", 1))])
    assert "LLM_DAILY_TOKEN_BUDGET is spent" in pipeline_status.waiting_reason()


def test_without_a_budget_nothing_is_counted(
    workspace: Workspace, models: FakeModels
) -> None:
    assert not ledger.budget_is_spent()
