"""Chat completions, as the official client sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"


def ask(client: OpenAI, content: str = QUESTION, **options: Any) -> Any:
    options.setdefault("model", "LightRAG")
    options.setdefault("messages", [{"role": "user", "content": content}])
    return client.chat.completions.create(**options)


def answered(served: Served) -> Any:
    """What the model was sent last: the answer's request."""
    return served.models.chat.requests[-1]


def always(reply: str | Completion) -> FakeChat:
    return FakeChat(lambda request: reply)


def test_a_question_is_answered_from_the_documents(
    openai_client: OpenAI, served: Served
) -> None:
    completion = ask(openai_client)
    (choice,) = completion.choices
    assert "radium" in (choice.message.content or "").lower()
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert completion.id.startswith("chatcmpl-")
    assert completion.model == "LightRAG"
    assert "Marie Curie discovered radium" in answered(served).messages[0].content


def test_both_addresses_answer(served: Served) -> None:
    url = f"{served.base_url}/api/v1"
    with OpenAI(base_url=url, api_key="none") as client:
        assert ask(client).choices[0].message.content
        assert client.models.list().data[0].id == "LightRAG"
        assert client.models.retrieve("LightRAG:local").owned_by == "lightrag"


def test_every_mode_and_configured_model_is_listed(openai_client: OpenAI) -> None:
    ids = [model.id for model in openai_client.models.list()]
    modes = ("naive", "local", "global", "hybrid", "mix", "bypass")
    assert ids == ["LightRAG", *(f"LightRAG:{m}" for m in modes), "poet", "elsewhere"]


def test_a_stream_brings_the_same_words(openai_client: OpenAI) -> None:
    whole = ask(openai_client).choices[0].message.content
    chunks = list(
        openai_client.chat.completions.create(
            model="LightRAG",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
        )
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(pieces) == whole
    assert len([piece for piece in pieces if piece]) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


async def test_the_asynchronous_client_streams(served: Served) -> None:
    async with AsyncOpenAI(base_url=served.openai_url, api_key="none") as client:
        stream = await client.chat.completions.create(
            model="LightRAG:naive",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.prompt_tokens > 100
    assert chunks[-1].usage.completion_tokens > 3


def test_usage_is_the_providers_own_where_it_says(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(always(Completion("Radium.", 1234, 5)))
    usage = ask(openai_client).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (1234, 5)
    assert usage.total_tokens == 1239


@pytest.mark.parametrize("stream", [False, True])
def test_citations_are_annotations(
    openai_client: OpenAI, answering: Answering, stream: bool
) -> None:
    text = "She found it in 1898 [1]. He was in Berlin [2]. No such [9]."
    answering(always(text))
    asked = "Did Marie Curie discover radium? Did Albert Einstein develop relativity?"
    found = ask(openai_client, asked, stream=stream)
    last: Any = list(found)[-1].choices[0].delta if stream else found.choices[0].message
    notes = [dict(one) if stream else one.model_dump() for one in last.annotations]
    assert [note["type"] for note in notes] == ["url_citation"] * 2
    cited = {note["source"]["file_path"]: note for note in notes}
    assert cited.keys() == {"curie.txt", "einstein.txt"}
    note = cited["curie.txt"]
    place = note["url_citation"]
    assert text[place["start_index"] : place["end_index"]] in ("[1]", "[2]")
    assert place["title"] == "curie.txt"
    assert place["url"].startswith("lightrag://documents/doc-")
    assert note["source"]["chunk_id"].endswith("-chunk-000")
    assert note["source"]["quote"] in (
        "Marie Curie discovered radium in Paris in 1898. "
        "She shared the Nobel Prize with Pierre Curie."
    )


def test_what_stands_before_the_question_is_history(
    openai_client: OpenAI, served: Served
) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": [{"type": "text", "text": "Tell of radium."}]},
        {"role": "assistant", "content": "It glows."},
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Who discovered it?"},
    ]
    ask(openai_client, messages=messages)
    sent = answered(served).messages
    assert "Answer like a pirate.\n\nBe brief." in sent[0].content
    assert [(one.role, one.content) for one in sent[1:]] == [
        ("user", "Tell of radium."),
        ("assistant", "It glows."),
        ("user", "Who discovered it?"),
    ]


def test_options_are_handed_on(openai_client: OpenAI, served: Served) -> None:
    options: dict[str, Any] = {
        "temperature": 0.3,
        "top_p": 0.9,
        "max_tokens": 50,
        "stop": ["\n"],
        "seed": 7,
        "user": "ann",
    }
    ask(openai_client, n=1, **options)
    assert answered(served).options == options


def test_a_json_schema_is_handed_on(openai_client: OpenAI, served: Served) -> None:
    schema = {"type": "object", "properties": {"who": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "who", "schema": schema}}
    ask(openai_client, response_format=form)
    assert answered(served).json_schema.name == "who"
    assert answered(served).json_schema.schema == schema
    ask(openai_client, response_format={"type": "json_object"})
    assert answered(served).options == {"response_format": {"type": "json_object"}}


def test_a_cut_off_answer_says_so(openai_client: OpenAI, answering: Answering) -> None:
    answering(always(Completion("It was Ma", 10, 3, truncated=True)))
    assert ask(openai_client).choices[0].finish_reason == "length"
    *_, last = ask(openai_client, stream=True)
    assert last.choices[0].finish_reason == "length"


def test_lightrags_own_parameters_come_in_the_extra_body(
    openai_client: OpenAI, served: Served
) -> None:
    extra = {"mode": "naive", "only_need_context": True, "chunk_top_k": 1}
    content = ask(openai_client, extra_body=extra).choices[0].message.content or ""
    assert content.count("reference_id") == 1
    assert "## Entities" not in content
    assert served.models.chat.requests == []


def test_filters_come_in_the_extra_body(openai_client: OpenAI, served: Served) -> None:
    extra = {"only_need_context": True, "filters": {"tags": ["none"]}}
    content = ask(openai_client, extra_body=extra).choices[0].message.content or ""
    assert "[no-context]" in content


def test_filters_hold_a_question_to_documents(
    openai_client: OpenAI, served: Served
) -> None:
    extra = {"filters": {"file_name": "einstein*"}}
    ask(openai_client, "Who worked in Berlin or Paris?", extra_body=extra)
    assert "Albert Einstein" in answered(served).messages[0].content
    assert "Marie Curie" not in answered(served).messages[0].content
    with pytest.raises(openai.BadRequestError) as caught:
        ask(openai_client, extra_body={"filters": {"colour": "red"}})
    assert (caught.value.param or "").startswith("filters")


def test_a_prefix_wins_over_the_model(openai_client: OpenAI, served: Served) -> None:
    said = ask(openai_client, f"/naivecontext {QUESTION}", model="LightRAG:mix")
    content = said.choices[0].message.content or ""
    assert "## Passages" in content
    assert "## Entities" not in content
    ask(openai_client, f"/mix[in one word] {QUESTION}")
    assert "in one word" in answered(served).messages[0].content
    assert answered(served).messages[-1].content == QUESTION


def test_bypass_calls_only_the_model(openai_client: OpenAI, served: Served) -> None:
    ask(
        openai_client,
        model="LightRAG:bypass",
        messages=[
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
        ],
    )
    (request,) = served.models.chat.requests
    assert [(one.role, one.content) for one in request.messages] == [
        ("system", "Be kind."),
        ("user", "Hi"),
    ]


def test_a_configured_model_brings_its_prompt_mode_and_workspace(
    openai_client: OpenAI, served: Served
) -> None:
    ask(openai_client, model="poet")
    assert "Answer in verse." in answered(served).messages[0].content
    assert "## Entities" not in answered(served).messages[0].content
    ask(openai_client, "Who wrote the first program?", model="elsewhere")
    assert "Ada Lovelace" in answered(served).messages[0].content


def test_header_selects_the_workspace(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "other"}
    with OpenAI(
        base_url=served.openai_url, api_key="none", default_headers=headers
    ) as client:
        ask(client, "Who wrote the first program?")
        assert "Ada Lovelace" in answered(served).messages[0].content
        assert "radium" not in answered(served).messages[0].content


def test_an_unknown_workspace_is_not_found(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "nowhere"}
    with (
        OpenAI(
            base_url=served.openai_url, api_key="none", default_headers=headers
        ) as client,
        pytest.raises(openai.NotFoundError, match="nowhere") as caught,
    ):
        ask(client)
    assert caught.value.code == "workspace_not_found"


def test_without_a_model_passages_are_quoted_and_cited(
    openai_client: OpenAI, served: Served, settings: Any
) -> None:
    none = replace(settings.LIGHTRAG.query_llm, binding="none")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=none, keyword_llm=none)
    completion = ask(openai_client)
    message = completion.choices[0].message
    assert "Marie Curie discovered radium" in (message.content or "")
    assert message.annotations
    assert completion.usage is not None
    assert completion.usage.total_tokens == 0
