"""`/query`, `/query/stream` and `/query/data` with real retrieval."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import Settings

from compat_api.lightrag import query
from documents.models import Document
from documents.workspaces import lookup
from retrieval.llm.base import ChatRequest
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import ProviderDown, RateLimited
from retrieval.llm.testing.fake import FakeChat
from retrieval.llm.usage.models import LLMCall
from tests.compat_api.conftest import Api
from tests.models import FakeModels

CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
EINSTEIN = "Albert Einstein developed General Relativity in Berlin."
QUESTION = {"query": "How is Marie Curie related to Radium?", "mode": "mix"}
NO_CONTEXT = "Sorry, I'm not able to provide an answer to that question.[no-context]"
Insert = Callable[..., str]


@pytest.fixture
def library(insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    insert(EINSTEIN, "einstein.txt")


@pytest.fixture
def answer_with(settings: Settings) -> Callable[[Any], FakeChat]:
    """Replace the answering model by a script; the keyword model stays."""

    def change(reply: Any) -> FakeChat:
        def answer(request: ChatRequest) -> Any:
            return reply

        chat = FakeChat(answer)
        config = ChatConfig("fake", "chat", options={"chat": chat})
        settings.LIGHTRAG = replace(site.LIGHTRAG, query_llm=config)
        return chat

    return change


def test_answer_has_references(
    api: Api, library: None, answer_with: Callable[[Any], FakeChat]
) -> None:
    answer_with("They met [1].")
    answer = api.post("/query", QUESTION).json()
    assert isinstance(answer.pop("response_time"), float)
    references = answer.pop("references")
    assert answer == {"response": "They met [1].", "llm_generated": True}
    assert references[0] == {
        "reference_id": "1",
        "file_path": "curie.txt",
        "content": None,
    }


def test_references_contain_chunks_on_request(api: Api, library: None) -> None:
    answer = api.post("/query", QUESTION | {"include_chunk_content": True}).json()
    assert answer["references"][0]["content"] == [CURIE]


def test_references_can_be_left_out(api: Api, library: None) -> None:
    answer = api.post("/query", QUESTION | {"include_references": False}).json()
    assert answer["references"] is None


@pytest.mark.parametrize("mode", ["naive", "local", "global", "hybrid", "mix"])
def test_every_mode_answers(api: Api, library: None, mode: str) -> None:
    answer = api.post("/query", QUESTION | {"mode": mode})
    assert answer.status_code == 200
    assert answer.json()["references"]


def test_bypass_calls_only_the_model(
    api: Api, models: FakeModels, library: None
) -> None:
    answer = api.post("/query", QUESTION | {"mode": "bypass"}).json()
    assert (answer["references"], answer["llm_generated"]) == ([], True)
    assert all(
        CURIE not in message.content for message in models.chat.requests[-1].messages
    )


def test_empty_workspace_gives_the_no_context_answer(api: Api) -> None:
    answer = api.post("/query", QUESTION).json()
    assert (answer["response"], answer["references"]) == (NO_CONTEXT, [])
    assert answer["llm_generated"] is False


def test_only_need_context_returns_the_context(api: Api, library: None) -> None:
    answer = api.post("/query", QUESTION | {"only_need_context": True}).json()
    assert CURIE in answer["response"]
    assert answer["llm_generated"] is False


def test_provider_failure_is_an_error_status(
    api: Api, library: None, answer_with: Callable[[Any], FakeChat]
) -> None:
    answer_with(ProviderDown("mock failure"))
    for path in ("/query", "/query/stream"):
        answer = api.post(path, QUESTION)
        assert (answer.status_code, answer.json()) == (502, {"detail": "mock failure"})


def test_provider_rate_limit_is_passed_on(
    api: Api, library: None, answer_with: Callable[[Any], FakeChat]
) -> None:
    answer_with(RateLimited("slow down", retry_after=7))
    answer = api.post("/query", QUESTION)
    assert (answer.status_code, answer["Retry-After"]) == (429, "7")


def test_stream_sends_references_before_the_answer(
    api: Api, library: None, answer_with: Callable[[Any], FakeChat]
) -> None:
    answer_with("Mock answer based on context [1].")
    first, *deltas = api.lines("/query/stream", QUESTION)
    assert first["references"][0] == {"reference_id": "1", "file_path": "curie.txt"}
    assert all(list(line) == ["response"] for line in deltas)
    assert len(deltas) > 1
    text = "".join(line["response"] for line in deltas)
    assert text == "Mock answer based on context [1]."


def test_stream_sends_progress_on_request(api: Api, library: None) -> None:
    options = {
        "mode": "hybrid",
        "include_progress": True,
        "include_chunk_content": True,
    }
    lines = api.lines("/query/stream", QUESTION | options)
    steps = [line["progress"] for line in lines if "progress" in line]
    assert steps[:3] == [
        "extracting_keywords",
        "retrieving_entities",
        "retrieving_relations",
    ]
    assert steps[-1] == "generating_response"
    [references] = [line["references"] for line in lines if "references" in line]
    assert references[0]["content"] == [CURIE]
    assert list(lines[-1]) == ["response_time"]


@pytest.mark.parametrize(
    ("mode", "steps"),
    [
        ("naive", ["retrieving_chunks", "reranking", "generating_response"]),
        ("bypass", ["generating_response"]),
    ],
)
def test_stream_sends_only_steps_of_its_mode(
    api: Api, library: None, mode: str, steps: list[str]
) -> None:
    options = {"mode": mode, "include_progress": True, "enable_rerank": True}
    lines = api.lines("/query/stream", QUESTION | options)
    assert [line["progress"] for line in lines if "progress" in line] == steps


def test_unstreamed_answer_follows_its_progress_on_request(
    api: Api, library: None
) -> None:
    options = {"mode": "hybrid", "stream": False, "include_progress": True}
    *steps, whole, last = api.lines("/query/stream", QUESTION | options)
    assert [*steps[0].values()] == ["extracting_keywords"]
    assert all(list(line) == ["progress"] for line in steps)
    assert list(whole) == ["response", "llm_generated", "references"]
    assert whole["response"].startswith("According to the context: Marie Curie")
    assert list(last) == ["response_time"]


def test_error_in_a_started_stream_is_its_last_line(
    api: Api, library: None, answer_with: Callable[[Any], FakeChat]
) -> None:
    answer_with(ProviderDown("mock failure"))
    lines = api.lines("/query/stream", QUESTION | {"include_progress": True})
    assert lines[-1] == {"error": "mock failure"}


def test_stream_false_sends_one_line(api: Api, library: None) -> None:
    [line] = api.lines("/query/stream", QUESTION | {"stream": False})
    assert list(line) == ["response", "llm_generated", "references"]
    [line] = api.lines("/query/stream", QUESTION | {"only_need_prompt": True})
    assert line["llm_generated"] is False


def test_stream_has_headers_against_buffering(api: Api, library: None) -> None:
    answer = api.post("/query/stream", QUESTION | {"include_progress": True})
    assert answer["Cache-Control"] == "no-cache"
    assert answer["X-Accel-Buffering"] == "no"


def test_data_returns_the_context_of_an_answer(api: Api, library: None) -> None:
    answer = api.post("/query/data", QUESTION | {"mode": "mix"}).json()
    assert (answer["status"], answer["message"]) == (
        "success",
        "Query processed successfully",
    )
    data, metadata = answer["data"], answer["metadata"]
    assert set(data) == {"entities", "relationships", "chunks", "references"}
    [curie] = [row for row in data["entities"] if row["entity_name"] == "Marie Curie"]
    assert set(curie) == {
        "entity_name",
        "entity_type",
        "description",
        "source_id",
        "file_path",
        "created_at",
    }
    assert curie["file_path"] == "curie.txt"
    assert curie["source_id"].endswith("-chunk-000")
    assert set(data["relationships"][0]) == {
        "src_id",
        "tgt_id",
        "description",
        "keywords",
        "weight",
        "source_id",
        "file_path",
        "created_at",
    }
    assert set(data["chunks"][0]) == {
        "reference_id",
        "content",
        "file_path",
        "chunk_id",
    }
    assert data["references"][0] == {"reference_id": "1", "file_path": "curie.txt"}
    assert metadata["query_mode"] == "mix"
    assert set(metadata["keywords"]) == {"high_level", "low_level"}
    assert set(metadata["processing_info"]) == {
        "total_entities_found",
        "total_relations_found",
        "entities_after_truncation",
        "relations_after_truncation",
        "merged_chunks_count",
        "final_chunks_count",
    }


def test_data_of_naive_contains_only_chunks(api: Api, library: None) -> None:
    answer = api.post("/query/data", QUESTION | {"mode": "naive"}).json()
    assert (answer["data"]["entities"], answer["data"]["relationships"]) == ([], [])
    assert answer["data"]["chunks"][0]["content"] == CURIE
    assert set(answer["metadata"]["processing_info"]) == {
        "total_chunks_found",
        "final_chunks_count",
    }


def test_data_of_bypass_is_empty(api: Api) -> None:
    assert api.post("/query/data", QUESTION | {"mode": "bypass"}).json() == {
        "status": "success",
        "message": "Query processed successfully",
        "data": {"entities": [], "relationships": [], "chunks": [], "references": []},
        "metadata": {
            "query_mode": "bypass",
            "keywords": {"high_level": [], "low_level": []},
        },
    }


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("mix", "Query returned no results"),
        ("naive", "No relevant document chunks found."),
    ],
)
def test_data_without_results_is_a_failure(api: Api, mode: str, message: str) -> None:
    assert api.post("/query/data", QUESTION | {"mode": mode}).json() == {
        "status": "failure",
        "message": message,
        "data": {},
        "metadata": {"failure_reason": "no_results", "mode": mode},
    }


def test_too_short_question_is_invalid(api: Api) -> None:
    assert api.post("/query", {"query": "ab"}).json() == {
        "detail": [
            {
                "type": "value_error",
                "loc": ["body"],
                "msg": "Value error, RAG query is too short. Enter at least 3 English"
                " characters or an equivalent combination where each Chinese, Japanese"
                " or Korean character counts as 2.",
                "input": {"query": "ab"},
                "ctx": {"error": {}},
            }
        ]
    }


def test_blank_question_is_a_field_error(api: Api) -> None:
    answer = api.post("/query/data", {"query": " ", "mode": "bypass"})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "Validation error: body -> query: Value error, Query must not be empty."
    )


def test_message_that_is_not_an_object_is_a_field_error(api: Api) -> None:
    question = {"query": "abcd", "conversation_history": ["x"]}
    [error] = api.post("/query", question).json()["detail"]
    assert error["loc"] == ["body", "conversation_history", 0]
    assert error["input"] == "x"


def test_error_for_an_unknown_mode_lists_the_modes(api: Api) -> None:
    modes = "'local', 'global', 'hybrid', 'naive', 'mix' or 'bypass'"
    assert api.post("/query", {"query": "abcd", "mode": "foo"}).json() == {
        "detail": [
            {
                "type": "literal_error",
                "loc": ["body", "mode"],
                "msg": f"Input should be {modes}",
                "input": "foo",
                "ctx": {"expected": modes},
            }
        ]
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": " "},
        {"query": "x" * 65_537},
        {"top_k": 0},
        {"top_k": 1001},
        {"max_total_tokens": 0},
        {"response_type": ""},
        {"hl_keywords": ["x"] * 65},
        {"ll_keywords": ["x" * 513]},
        {"conversation_history": [{"role": " ", "content": "x"}]},
        {"conversation_history": [{"role": "user", "content": "x"}] * 129},
        {"conversation_history": [{"role": "user", "content": "x" * 30_000}] * 5},
        {"history_turns": -1},
    ],
)
def test_question_over_a_limit_is_invalid(api: Api, wrong: Any) -> None:
    assert api.post("/query", {"query": "abcd"} | wrong).status_code == 422


def test_documents_of_another_workspace_are_not_found(api: Api, library: None) -> None:
    lookup.ensure("other")
    api.headers = {"LIGHTRAG-WORKSPACE": "other"}
    assert api.post("/query", QUESTION).json()["response"] == NO_CONTEXT
    assert api.get("/graph/label/list").json() == []
    assert api.get("/documents").json() == {"statuses": {}}


@pytest.mark.parametrize(
    "only",
    [
        {"filters": {"file_name": "Ein*.TXT"}},
        {"filters": {"tags": ["physics", "none"]}},
        {"filters": {"created_after": "2030-01-01"}},
        {"filters": {"document_ids": ["{einstein}"]}},
        {"ids": ["{einstein}"]},
    ],
)
def test_filtered_question_uses_only_matching_documents(
    api: Api, library: None, only: dict[str, Any]
) -> None:
    einstein = Document.objects.filter(name="einstein.txt")
    einstein.update(tags=["physics"], created_at=datetime(2031, 1, 1, tzinfo=UTC))
    question = {"query": "Did Marie Curie or Albert Einstein work in Berlin?"}
    body = json.dumps(question | only).replace("{einstein}", einstein[0].public_id)
    data = api.post("/query/data", json.loads(body)).json()["data"]
    assert {reference["file_path"] for reference in data["references"]} == {
        "einstein.txt"
    }
    assert "Curie" not in json.dumps(data)


@pytest.mark.parametrize(
    "wrong", [{"tag": ["x"]}, {"tags": "x"}, {"created_after": "soon"}]
)
def test_invalid_filter_is_a_field_error(api: Api, wrong: dict[str, Any]) -> None:
    answer = api.post("/query", QUESTION | {"filters": wrong})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:3] == [
        "body",
        "filters",
        next(iter(wrong)),
    ]


async def test_unexpected_error_in_a_stream_is_its_last_line() -> None:
    async def failing() -> AsyncGenerator[dict[str, Any], None]:
        yield {"progress": "extracting_keywords"}
        raise ZeroDivisionError("only for the log")

    lines = [line async for line in query.lines(failing())]
    assert len(lines) == 2
    error = json.loads(lines[1])["error"]
    assert re.fullmatch(r"Internal .* \(error_id: \w{12}\)", error)


def scripted(request: ChatRequest) -> str:
    """Answer with one wrong and one right sentence, or judge both."""
    if request.json_schema and request.json_schema.name == "support":
        return '{"verdicts": ["partly_supported", "supported"]}'
    return "Marie Curie discovered Radium in 1898 [1]. She discovered it in Paris [1]."


def verdicts_of(api: Api, **options: Any) -> list[str]:
    answer = api.post("/query", QUESTION | {"include_support": True} | options).json()
    return [item["verdict"] for item in answer["support"]]


def test_words_decide_whether_sentences_are_supported(
    api: Api, library: None, settings: Settings
) -> None:
    config = ChatConfig("fake", "chat", options={"chat": FakeChat(scripted)})
    settings.LIGHTRAG = replace(site.LIGHTRAG, query_llm=config)
    assert verdicts_of(api) == ["not_supported", "supported"]


def test_a_model_judges_the_sentences_if_enabled(
    api: Api, library: None, settings: Settings
) -> None:
    chat = FakeChat(scripted)
    settings.LIGHTRAG = replace(
        site.LIGHTRAG,
        query_llm=ChatConfig("fake", "chat", options={"chat": chat}),
        query=replace(site.LIGHTRAG.query, support_judge=True),
    )
    assert verdicts_of(api) == ["partly_supported", "supported"]
    assert verdicts_of(api) == ["partly_supported", "supported"]
    assert chat.calls == 2  # the answer and the judgement are cached
    assert LLMCall.objects.filter(purpose=LLMCall.Purpose.QUERY).count() == 2


def test_unsupported_sentences_are_withheld_if_enabled(
    api: Api, library: None, settings: Settings
) -> None:
    settings.LIGHTRAG = replace(
        site.LIGHTRAG,
        query_llm=ChatConfig("fake", "chat", options={"chat": FakeChat(scripted)}),
        query=replace(site.LIGHTRAG.query, withhold_unsupported=True),
    )
    answer = api.post("/query", QUESTION).json()["response"]
    assert " ".join(answer.split()) == "[…] She discovered it in Paris [1]."
