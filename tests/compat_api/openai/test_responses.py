"""The Responses API by OpenAI's client."""

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


def test_a_text_is_answered(openai_client: OpenAI, served: Served) -> None:
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


def test_a_conversation_is_answered_and_cited(
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
    (note,) = response.output[0].content[0].annotations
    assert note.type == "url_citation"
    assert response.output_text[note.start_index : note.end_index] == "[1]"
    assert note.source["document_id"].startswith("doc-")
    assert len(chat.requests[-1].messages) == 4


def test_a_stream_tells_the_same_in_events(
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


def test_a_cut_off_response_is_incomplete(
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
def test_what_needs_a_memory_is_refused(
    openai_client: OpenAI, wrong: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"model": "LightRAG", "input": QUESTION} | wrong
    with pytest.raises(openai.BadRequestError):
        openai_client.responses.create(**asked)


def test_no_response_is_kept(openai_client: OpenAI) -> None:
    made = openai_client.responses.create(model="LightRAG:naive", input=QUESTION)
    with pytest.raises(openai.NotFoundError, match="not kept"):
        openai_client.responses.retrieve(made.id)
