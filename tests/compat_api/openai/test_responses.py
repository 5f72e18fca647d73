"""The Responses API with OpenAI's client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import OpenAI

from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"


def test_text_input_is_answered(openai_client: OpenAI, served: Served) -> None:
    response = openai_client.responses.create(
        model="LightRAG",
        input=QUESTION,
        instructions="Be brief.",
        max_output_tokens=99,
        temperature=0.5,
        extra_body={"mode": "naive"},
    )
    assert "radium" in response.output_text.lower()
    assert (response.status, response.error) == ("completed", None)
    assert response.usage is not None
    assert response.usage.total_tokens > 50
    (request,) = served.models.chat.requests
    assert request.options == {"max_tokens": 99, "temperature": 0.5}
    assert "Be brief." in request.messages[0].content


def test_conversation_is_answered_with_citations(
    openai_client: OpenAI, answering: Answering
) -> None:
    chat = FakeChat(lambda request: "It was she [1].")
    answering(chat)
    response: Any = openai_client.responses.create(
        model="LightRAG:naive",
        input=[
            {"role": "user", "content": "Tell of radium."},
            {"role": "assistant", "content": "It glows."},
            {"role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
        ],
    )
    (annotation,) = response.output[0].content[0].annotations
    assert annotation.type == "url_citation"
    assert response.output_text[annotation.start_index : annotation.end_index] == "[1]"
    assert annotation.source["document_id"].startswith("doc-")
    assert len(chat.requests[-1].messages) == 4


def test_stream_sends_the_answer_as_events(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(FakeChat(lambda request: "It was she [1]."))
    with openai_client.responses.stream(
        model="LightRAG:naive", input=QUESTION
    ) as stream:
        events = list(stream)
        final = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert "response.output_text.annotation.added" in kinds
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert final.output_text == "It was she [1]."


def test_truncated_response_is_incomplete(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(FakeChat([Completion("It w", 9, 2, truncated=True)]))
    response = openai_client.responses.create(model="LightRAG:naive", input=QUESTION)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"


@pytest.mark.parametrize(
    "wrong",
    [
        {"previous_response_id": "resp_1"},
        {"background": True},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
    ],
)
def test_request_for_a_stored_response_is_refused(
    openai_client: OpenAI, wrong: dict[str, Any]
) -> None:
    request: dict[str, Any] = {"model": "LightRAG", "input": QUESTION} | wrong
    with pytest.raises(openai.BadRequestError):
        openai_client.responses.create(**request)


def test_responses_are_not_stored(openai_client: OpenAI) -> None:
    response = openai_client.responses.create(model="LightRAG:naive", input=QUESTION)
    with pytest.raises(openai.NotFoundError, match="not stored"):
        openai_client.responses.retrieve(response.id)


@pytest.mark.parametrize("stream", [False, True])
def test_an_item_of_an_earlier_response_can_be_named(
    openai_client: OpenAI, served: Served, redis: str, stream: bool
) -> None:
    if stream:
        events: Any = openai_client.responses.create(
            model="LightRAG", input=QUESTION, stream=True
        )
        first: Any = list(events)[-1].response
    else:
        first = openai_client.responses.create(model="LightRAG", input=QUESTION)
    text = first.output[0].content[0].text
    follow_up: Any = [
        {"role": "user", "content": QUESTION},
        {"type": "item_reference", "id": first.output[0].id},
        {"type": "item_reference", "id": "msg_gone"},
        {"role": "user", "content": f"{QUESTION} In which year?"},
    ]
    openai_client.responses.create(model="LightRAG", input=follow_up)
    sent = served.models.chat.requests[-1].messages
    assert [m.content for m in sent if m.role == "assistant"] == [text]
