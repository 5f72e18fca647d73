"""Documents and a provider that fails: which of them fail with it.

The provider is an HTTP server, asked by the binding that users configure.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from django.conf import settings as site
from pytest_django.fixtures import Settings

from documents.models import Document, DocumentContent, Status, Workspace
from documents.pipeline import llm_retry, pipeline
from documents.pipeline.steps.summarize import SummaryJob
from graph.extraction.extractor import ExtractionInterrupted
from graph.merging.summary_queue import DueSummary
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
)
from retrieval.llm.testing.fake import FakeChat
from tests.flows import stand_in_provider
from tests.models import FakeModels
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest

Fault = Callable[[int], Answer | None]
"""What a document's n-th request (from 1) gets instead of an answer."""


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    server = Provider()
    chat = ChatConfig("openai", "gpt", f"{server.url}/v1", stand_in_provider.KEY)
    settings.LIGHTRAG = replace(FakeModels().configure(site.LIGHTRAG), extract_llm=chat)
    yield server
    server.stop()


def add(workspace: Workspace, names: list[str]) -> None:
    for name in names:
        document = Document.objects.create(
            workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
        )
        text = f"{name} met Friend of {name} in Paris."
        DocumentContent.objects.create(document=document, text=text)


def faulty(faults: dict[str, Fault]) -> Callable[[ReceivedRequest], Answer]:
    """Requests about the named documents get their faults, all others are answered."""
    asked_about: Counter[str] = Counter()

    def respond(asked: ReceivedRequest) -> Answer:
        words = json.dumps(asked.body["messages"])
        for name, fault in faults.items():
            if name in words:
                asked_about[name] += 1
                return fault(asked_about[name]) or stand_in_provider.respond(asked)
        return stand_in_provider.respond(asked)

    return respond


def statuses() -> dict[str, str]:
    return dict(Document.objects.values_list("name", "status"))


def on_fire(_: int) -> Answer:
    return Answer({"error": {"message": "on fire"}}, 500)


def test_a_passage_without_luck_is_tried_on_while_others_are_answered(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = faulty({"Unlucky": lambda n: on_fire(n) if n < 12 else None})
    add(workspace, ["Unlucky", *(f"Well{n}" for n in range(40))])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_every_third_call_fails_and_no_document_with_it(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = lambda asked: (
        stand_in_provider.respond(asked) if len(provider.requests) % 3 else on_fire(0)
    )
    add(workspace, [f"Person{n}" for n in range(40)])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_a_provider_that_is_away_is_waited_for(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = lambda asked: (
        on_fire(0) if len(provider.requests) < 60 else stand_in_provider.respond(asked)
    )
    add(workspace, ["Ada", "Bob"])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_no_longer_than_is_configured(
    workspace: Workspace, provider: Provider, settings: Settings
) -> None:
    impatient = replace(settings.LIGHTRAG.ingest, provider_retry_timeout=0.2)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=impatient)
    provider.respond = lambda _: on_fire(0)
    add(workspace, ["Ada"])
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert document.status == Status.FAILED
    assert "on fire" in document.error_msg


@dataclass
class Scripted:
    """A call that fails this way while its provider answers others, or nobody."""

    error: LLMError
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(0.005)
        raise self.error.with_traceback(None)


def beside_answers(error: LLMError) -> LLMError:
    error.answered_ago = -1.0  # since any failure before
    return error


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (BadAnswer(), 5),
        (beside_answers(ProviderTimeout()), 5),
        (beside_answers(ProviderDown()), 20),
        (ExtractionInterrupted(BadAnswer(), []), 5),
        (RequestRefused(), 1),
        (BadCredentials(), 1),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_request_that_can_have_no_answer_is_given_up(
    models: FakeModels, error: LLMError, calls: int
) -> None:
    call = Scripted(error)
    with pytest.raises(type(error)):
        await llm_retry.retry_within_budget(call)
    assert call.calls == calls


@pytest.mark.parametrize(
    "error", [beside_answers(RateLimited()), ProviderTimeout(), ProviderDown()]
)
async def test_what_the_provider_does_to_all_is_no_request_s_fault(
    models: FakeModels, settings: Settings, error: LLMError
) -> None:
    impatient = replace(settings.LIGHTRAG.ingest, provider_retry_timeout=0.3)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=impatient)
    call = Scripted(error)
    started = time.monotonic()
    with pytest.raises(type(error)):
        await llm_retry.retry_within_budget(call)
    assert time.monotonic() - started > 0.3
    assert call.calls > 5


async def test_a_summary_is_asked_for_again_when_its_model_fails_for_a_moment(
    settings: Settings,
) -> None:
    error = RateLimited("slow down", retry_after=0.001)
    chat = FakeChat(["All of it."], failures=2, error=error)
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)
    due = DueSummary("entity", 1, "Hub", ("one", "two"), upto=2, mentions=2)
    assert await SummaryJob(1, due, chat).run() == "All of it."
    assert chat.calls == 3
