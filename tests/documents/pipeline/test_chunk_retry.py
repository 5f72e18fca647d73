"""Retries of LLM calls, and which documents fail if the provider fails.

The provider is an HTTP server, called through a binding that users configure.
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
from documents.pipeline import chunk_retry, pipeline
from documents.pipeline.steps.summarize import SummaryJob
from graph.extraction.extractor import ExtractionInterrupted
from graph.merging.summary_queue import DueSummary
from retrieval.llm import event_loop
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
"""Return the error response to a document's n-th request (from 1), or None."""


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    config = FakeModels().configure(site.LIGHTRAG)
    with Provider() as server:
        chat = ChatConfig("openai", "gpt", f"{server.url}/v1", stand_in_provider.KEY)
        settings.LIGHTRAG = replace(config, extract_llm=chat)
        yield server
        event_loop.run(event_loop.close_clients())


def add(workspace: Workspace, names: list[str]) -> None:
    for name in names:
        document = Document.objects.create(
            workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
        )
        text = f"{name} met Friend of {name} in Paris."
        DocumentContent.objects.create(document=document, text=text)


def faulty(faults: dict[str, Fault]) -> Callable[[ReceivedRequest], Answer]:
    """Return a responder that applies the faults to requests about the named documents."""
    requests: Counter[str] = Counter()

    def respond(request: ReceivedRequest) -> Answer:
        words = json.dumps(request.body["messages"])
        for name, fault in faults.items():
            if name in words:
                requests[name] += 1
                return fault(requests[name]) or stand_in_provider.respond(request)
        return stand_in_provider.respond(request)

    return respond


def statuses() -> dict[str, str]:
    return dict(Document.objects.values_list("name", "status"))


def server_error(_: int) -> Answer:
    return Answer({"error": {"message": "internal error"}}, 500)


def test_a_chunk_is_retried_while_other_requests_succeed(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = faulty(
        {"Failing": lambda n: server_error(n) if n < 12 else None}
    )
    add(workspace, ["Failing", *(f"Other{n}" for n in range(40))])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_no_document_fails_if_every_third_call_fails(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = lambda request: (
        stand_in_provider.respond(request)
        if len(provider.requests) % 3
        else server_error(0)
    )
    add(workspace, [f"Person{n}" for n in range(40)])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_documents_wait_until_the_provider_is_available(
    workspace: Workspace, provider: Provider
) -> None:
    provider.respond = lambda request: (
        server_error(0)
        if len(provider.requests) < 60
        else stand_in_provider.respond(request)
    )
    add(workspace, ["Ada", "Bob"])
    pipeline.work(workspace.pk)
    assert set(statuses().values()) == {Status.PROCESSED}


def test_documents_fail_after_the_configured_timeout(
    workspace: Workspace, provider: Provider, settings: Settings
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, provider_retry_timeout=0.2)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    provider.respond = lambda _: server_error(0)
    add(workspace, ["Ada"])
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert document.status == Status.FAILED
    assert "internal error" in document.error_msg


@dataclass
class FailingCall:
    """A call that raises an error; the error tells whether other requests succeed."""

    error: LLMError
    calls: int = 0

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(0.005)
        raise self.error.with_traceback(None)


def while_others_succeed(error: LLMError) -> LLMError:
    error.answered_ago = -1.0  # after every earlier failure
    return error


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (BadAnswer(), 5),
        (while_others_succeed(ProviderTimeout()), 5),
        (while_others_succeed(ProviderDown()), 20),
        (ExtractionInterrupted(BadAnswer(), []), 5),
        (RequestRefused(), 1),
        (BadCredentials(), 1),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_request_that_fails_by_itself_is_not_retried_forever(
    models: FakeModels, error: LLMError, calls: int
) -> None:
    call = FailingCall(error)
    with pytest.raises(type(error)):
        await chunk_retry.retry_within_budget(call)
    assert call.calls == calls


@pytest.mark.parametrize(
    "error", [while_others_succeed(RateLimited()), ProviderTimeout(), ProviderDown()]
)
async def test_a_failure_of_the_provider_is_retried_until_the_timeout(
    models: FakeModels, settings: Settings, error: LLMError
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, provider_retry_timeout=0.3)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    call = FailingCall(error)
    started = time.monotonic()
    with pytest.raises(type(error)):
        await chunk_retry.retry_within_budget(call)
    assert time.monotonic() - started > 0.3
    assert call.calls > 5


async def test_a_summary_is_retried_after_a_temporary_failure(
    settings: Settings,
) -> None:
    error = RateLimited("slow down", retry_after=0.001)
    chat = FakeChat(["All of it."], failures=2, error=error)
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)
    due = DueSummary("entity", 1, "Hub", ("one", "two"), upto=2, mentions=2)
    assert await SummaryJob(1, due, chat).run() == "All of it."
    assert chat.calls == 3
