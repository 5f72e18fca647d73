"""Fairness between workspaces and between documents."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import Settings

from documents.models import Document, PipelineEvent, Workspace
from documents.pipeline import pipeline
from retrieval.llm.base import ChatRequest
from retrieval.llm.testing.fake import FakeChat
from tests.documents.pipeline.test_pipeline import add, long_text
from tests.models import FakeModels

EMPTY = '{"entities": [], "relationships": []}'


@pytest.fixture
def prompts(settings: Settings) -> list[str]:
    """Return the list of prompts in the order of the calls, which are not concurrent."""
    order: list[str] = []

    def reply(request: ChatRequest) -> str:
        order.append(request.messages[-1].content)
        return EMPTY

    config = FakeModels(FakeChat(reply, latency=0.002)).configure(settings.LIGHTRAG)
    extract_llm = replace(config.extract_llm, max_async=1)
    embedding = replace(config.embedding, max_async=1)
    settings.LIGHTRAG = replace(config, extract_llm=extract_llm, embedding=embedding)
    return order


def finished() -> list[str]:
    """Return the names of the documents in the order in which they were processed."""
    lines = PipelineEvent.objects.filter(message__startswith="Completed")
    return list(lines.order_by("pk").values_list("document__name", flat=True))


def test_a_short_document_does_not_wait_for_a_long_one(
    workspace: Workspace, prompts: list[str]
) -> None:
    add(workspace, long_text(120), "long.txt")
    add(workspace, "Ada met Babbage.", "short.txt")
    pipeline.work(workspace.pk)
    assert finished() == ["short.txt", "long.txt"]
    position = next(n for n, text in enumerate(prompts) if "Ada met Babbage" in text)
    assert position < 10 < len(prompts)


def test_a_workspace_with_one_document_does_not_wait_for_one_with_many(
    workspace: Workspace, prompts: list[str]
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    for number in range(150):
        add(workspace, f"This is note {number}.", f"{number}.txt")
    add(other, "Ada met Babbage.", "only.txt")
    assert pipeline.work() == 151
    assert finished().index("only.txt") < 50
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}
