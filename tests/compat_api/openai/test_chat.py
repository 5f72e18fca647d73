"""Chat completions with OpenAI's client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pytest_django import Settings

from retrieval.context import notices
from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"


def ask(client: OpenAI, content: str = QUESTION, **options: Any) -> Any:
    options.setdefault("model", "LightRAG")
    options.setdefault("messages", [{"role": "user", "content": content}])
    return client.chat.completions.create(**options)


def last_request(served: Served) -> Any:
    """Return the last request that the model received."""
    return served.models.chat.requests[-1]


def always(reply: str | Completion) -> FakeChat:
    return FakeChat(lambda request: reply)


def test_question_is_answered_from_the_documents(
    openai_client: OpenAI, served: Served
) -> None:
    completion = ask(openai_client)
    (choice,) = completion.choices
    assert "radium" in (choice.message.content or "").lower()
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert completion.id.startswith("chatcmpl-")
    assert completion.model == "LightRAG"
    assert "Marie Curie discovered radium" in last_request(served).messages[0].content


def test_both_url_prefixes_are_served(served: Served) -> None:
    url = f"{served.base_url}/api/v1"
    with OpenAI(base_url=url, api_key="none") as client:
        assert ask(client).choices[0].message.content
        assert client.models.list().data[0].id == "LightRAG"
        assert client.models.retrieve("LightRAG:local").owned_by == "lightrag"


def test_every_mode_and_configured_model_is_listed(openai_client: OpenAI) -> None:
    ids = [model.id for model in openai_client.models.list()]
    modes = ("naive", "local", "global", "hybrid", "mix", "bypass")
    assert ids == ["LightRAG", *(f"LightRAG:{m}" for m in modes), "poet", "elsewhere"]


def test_stream_contains_the_same_answer(openai_client: OpenAI) -> None:
    text = ask(openai_client).choices[0].message.content
    chunks = list(
        openai_client.chat.completions.create(
            model="LightRAG",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
        )
    )
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(deltas) == text
    assert len([delta for delta in deltas if delta]) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-2:] == [None, "stop"]
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


async def test_asynchronous_client_streams(served: Served) -> None:
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


def test_usage_is_that_of_the_provider_if_reported(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(always(Completion("Radium.", 1234, 5)))
    usage = ask(openai_client).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (1234, 5)
    assert usage.total_tokens == 1239


def open_webui_sources(annotations: list[dict[str, Any]]) -> list[str]:
    """Return the titles that Open WebUI 0.12 shows for the marks [1], [2], ….

    It emits a source for each annotation (middleware.py) and numbers the distinct URLs in
    the order of their arrival.
    """
    titles: dict[str, str] = {}
    for annotation in annotations:
        if annotation.get("type") == "url_citation" and "url_citation" in annotation:
            citation = annotation["url_citation"]
            titles.setdefault(citation["url"], citation.get("title", ""))
    return list(titles.values())


@pytest.mark.parametrize(
    "text",
    [
        "A [2]. B [1]. C [2][1].",
        "It is so [2].",
        "X [1]. Y [1]. Z [2].",
        "X [1].",
    ],
)
def test_open_webui_shows_reference_n_as_the_source_of_mark_n(
    openai_client: OpenAI, answering: Answering, text: str
) -> None:
    answering(always(text))
    question = (
        "Did Marie Curie discover radium? Did Albert Einstein develop relativity?"
    )
    for chunk in ask(openai_client, question, stream=True):
        last: Any = chunk
    shown = open_webui_sources(last.choices[0].delta.annotations)
    files = [item["file_path"] for item in last.references]
    assert shown == files[: len(shown)]
    assert len(shown) == max(int(digit) for digit in text if digit.isdigit())


def streamed(client: OpenAI, messages: list[dict[str, str]]) -> tuple[str, Any]:
    """Return the text of the streamed answer, and its last chunk."""
    chunks = list(ask(client, messages=messages, stream=True))
    deltas = (chunk.choices[0].delta.content or "" for chunk in chunks)
    return "".join(deltas), chunks[-1]


def test_open_webui_shows_the_sources_of_each_answer_of_a_conversation(
    openai_client: OpenAI, answering: Answering
) -> None:
    """Open WebUI stores the sources with their message, and sends texts only.

    Marks of the first answer are part of the second request. They must not change the
    order of the second answer's sources.
    """
    questions = (
        "Did Albert Einstein develop relativity? Did Marie Curie discover radium?",
        "Did she discover it in Paris, or did Albert Einstein?",
    )
    messages: list[dict[str, str]] = []
    for question, text in zip(questions, ("He did [2]. [1]", "No [2]."), strict=True):
        chat = always(text)
        answering(chat)
        messages.append({"role": "user", "content": question})
        content, last = streamed(openai_client, messages)
        messages.append({"role": "assistant", "content": content})
        shown = open_webui_sources(last.choices[0].delta.annotations)
        assert shown == [item["file_path"] for item in last.references][:2]
        assert len(shown) == 2
    sent = [message.content for message in chat.requests[-1].messages]
    assert sent[1:] == [questions[0], "He did [2]. [1]", questions[1]]


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning_is_not_part_of_the_content(
    openai_client: OpenAI, answering: Answering, stream: bool
) -> None:
    answering(always("<think>Perhaps [2]?</think>She did [1]."))
    response: Any = ask(openai_client, stream=stream)
    if not stream:
        message = response.choices[0].message
        assert (message.content, message.reasoning_content) == (
            "She did [1].",
            "Perhaps [2]?",
        )
        return
    deltas = [chunk.choices[0].delta for chunk in response]
    thoughts = "".join(getattr(d, "reasoning_content", None) or "" for d in deltas)
    assert "".join(delta.content or "" for delta in deltas) == "She did [1]."
    assert thoughts == "Perhaps [2]?"
    assert len(deltas[-1].annotations) == 1


def test_reasoning_of_earlier_turns_is_not_sent_to_the_model(
    openai_client: OpenAI, served: Served
) -> None:
    messages = [
        {"role": "user", "content": "Hello?"},
        {"role": "assistant", "content": "<think>Secret.</think>Hello."},
        {"role": "user", "content": QUESTION},
    ]
    ask(openai_client, messages=messages)
    assert last_request(served).messages[2].content == "Hello."


@pytest.mark.parametrize("stream", [False, True])
def test_the_list_of_cited_files_is_added_if_the_setting_says_so(
    openai_client: OpenAI, answering: Answering, settings: Settings, stream: bool
) -> None:
    server = replace(settings.LIGHTRAG.server, chat_source_list="all")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    answering(always("She did [1]."))
    response: Any = ask(openai_client, stream=stream)
    text = (
        "".join(chunk.choices[0].delta.content or "" for chunk in response)
        if stream
        else response.choices[0].message.content
    )
    assert text == "She did [1].\n\n### References\n\n- [1] curie.txt"


@pytest.mark.parametrize("stream", [False, True])
def test_citations_are_annotations(
    openai_client: OpenAI, answering: Answering, stream: bool
) -> None:
    text = "She found it in 1898 [1]. He was in Berlin [2]. No such [9]."
    answering(always(text))
    question = (
        "Did Marie Curie discover radium? Did Albert Einstein develop relativity?"
    )
    response = ask(openai_client, question, stream=stream)
    last: Any = (
        list(response)[-1].choices[0].delta if stream else response.choices[0].message
    )
    annotations = [
        dict(item) if stream else item.model_dump() for item in last.annotations
    ]
    assert [annotation["type"] for annotation in annotations] == ["url_citation"] * 2
    by_file = {
        annotation["source"]["file_path"]: annotation for annotation in annotations
    }
    assert by_file.keys() == {"curie.txt", "einstein.txt"}
    annotation = by_file["curie.txt"]
    url_citation = annotation["url_citation"]
    assert text[url_citation["start_index"] : url_citation["end_index"]] in (
        "[1]",
        "[2]",
    )
    assert url_citation["title"] == "curie.txt"
    assert "/webui/documents/doc-" in url_citation["url"]
    assert url_citation["url"].startswith("http://")
    assert annotation["source"]["chunk_id"].endswith("-chunk-000")
    assert annotation["source"]["quote"] in (
        "Marie Curie discovered radium in Paris in 1898. "
        "She shared the Nobel Prize with Pierre Curie."
    )


def test_messages_before_the_question_are_history(
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
    sent = last_request(served).messages
    assert "Answer like a pirate.\n\nBe brief." in sent[0].content
    assert [(message.role, message.content) for message in sent[1:]] == [
        ("user", "Tell of radium."),
        ("assistant", "It glows."),
        ("user", "Who discovered it?"),
    ]


def test_options_are_passed_to_the_model(openai_client: OpenAI, served: Served) -> None:
    options: dict[str, Any] = {
        "temperature": 0.3,
        "top_p": 0.9,
        "max_tokens": 50,
        "stop": ["\n"],
        "seed": 7,
        "user": "ann",
    }
    ask(openai_client, n=1, **options)
    assert last_request(served).options == options


def test_json_schema_is_passed_to_the_model(
    openai_client: OpenAI, served: Served
) -> None:
    schema = {"type": "object", "properties": {"who": {"type": "string"}}}
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": "who", "schema": schema},
    }
    ask(openai_client, response_format=response_format)
    assert last_request(served).json_schema.name == "who"
    assert last_request(served).json_schema.schema == schema
    ask(openai_client, response_format={"type": "json_object"})
    assert last_request(served).options == {"response_format": {"type": "json_object"}}


def test_truncated_answer_has_its_finish_reason(
    openai_client: OpenAI, answering: Answering
) -> None:
    answering(always(Completion("It was Ma", 10, 3, truncated=True)))
    assert ask(openai_client).choices[0].finish_reason == "length"
    *_, last = ask(openai_client, stream=True)
    assert last.choices[0].finish_reason == "length"


def test_extra_body_accepts_lightrags_parameters(
    openai_client: OpenAI, served: Served
) -> None:
    extra = {"mode": "naive", "only_need_context": True, "chunk_top_k": 1}
    content = ask(openai_client, extra_body=extra).choices[0].message.content or ""
    assert content.count("reference_id") == 1
    assert "## Entities" not in content
    assert served.models.chat.requests == []


def test_extra_body_accepts_filters(openai_client: OpenAI, served: Served) -> None:
    extra = {"only_need_context": True, "filters": {"tags": ["none"]}}
    content = ask(openai_client, extra_body=extra).choices[0].message.content or ""
    assert content == notices.NOTHING_FOUND["en"]


def test_filters_limit_the_documents_of_an_answer(
    openai_client: OpenAI, served: Served
) -> None:
    extra = {"filters": {"file_name": "einstein*"}}
    ask(openai_client, "Who worked in Berlin or Paris?", extra_body=extra)
    assert "Albert Einstein" in last_request(served).messages[0].content
    assert "Marie Curie" not in last_request(served).messages[0].content
    with pytest.raises(openai.BadRequestError) as caught:
        ask(openai_client, extra_body={"filters": {"colour": "red"}})
    assert (caught.value.param or "").startswith("filters")


def test_prefix_takes_precedence_over_the_model(
    openai_client: OpenAI, served: Served
) -> None:
    completion = ask(openai_client, f"/naivecontext {QUESTION}", model="LightRAG:mix")
    content = completion.choices[0].message.content or ""
    assert "## Passages" in content
    assert "## Entities" not in content
    ask(openai_client, f"/mix[in one word] {QUESTION}")
    assert "in one word" in last_request(served).messages[0].content
    assert last_request(served).messages[-1].content == QUESTION


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
    assert [(message.role, message.content) for message in request.messages] == [
        ("system", "Be kind."),
        ("user", "Hi"),
    ]


def test_configured_model_sets_prompt_mode_and_workspace(
    openai_client: OpenAI, served: Served
) -> None:
    ask(openai_client, model="poet")
    assert "Answer in verse." in last_request(served).messages[0].content
    assert "## Entities" not in last_request(served).messages[0].content
    ask(openai_client, "Who wrote the first program?", model="elsewhere")
    assert "Ada Lovelace" in last_request(served).messages[0].content


def test_header_selects_the_workspace(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "other"}
    with OpenAI(
        base_url=served.openai_url, api_key="none", default_headers=headers
    ) as client:
        ask(client, "Who wrote the first program?")
        assert "Ada Lovelace" in last_request(served).messages[0].content
        assert "radium" not in last_request(served).messages[0].content


def test_unknown_workspace_is_not_found(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "nowhere"}
    with (
        OpenAI(
            base_url=served.openai_url, api_key="none", default_headers=headers
        ) as client,
        pytest.raises(openai.NotFoundError, match="nowhere") as caught,
    ):
        ask(client)
    assert caught.value.code == "workspace_not_found"


def test_without_a_model_chunks_are_quoted_and_cited(
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


def test_an_image_is_refused_in_the_last_message_only(
    openai_client: OpenAI, served: Served
) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,x"}}
    turn = {"role": "user", "content": [{"type": "text", "text": QUESTION}, image]}
    with pytest.raises(openai.BadRequestError, match="image_url"):
        ask(openai_client, messages=[turn])
    again = {"role": "user", "content": QUESTION}
    ask(openai_client, messages=[turn, {"role": "assistant", "content": "No."}, again])
    assert last_request(served).messages[1].content.endswith("[image_url not shown]")


def test_a_model_is_returned_under_the_requested_id(openai_client: OpenAI) -> None:
    for name in ("LightRAG:local", "lightrag:latest", "LightRAG", "poet"):
        assert openai_client.models.retrieve(name).id == name


@pytest.mark.parametrize("path", ["//v1/models", "///api/tags", "//health"])
def test_repeated_slashes_at_the_beginning_of_a_path_are_accepted(
    served: Served, path: str
) -> None:
    assert httpx.get(served.base_url + path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/health", "/v1/models", "/api/tags"])
def test_head_is_answered_as_get_without_a_body(served: Served, path: str) -> None:
    response = httpx.head(served.base_url + path)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_is_completed_from_the_documents(
    openai_client: OpenAI, stream: bool
) -> None:
    response: Any = openai_client.completions.create(
        model="LightRAG", prompt=QUESTION, stream=stream
    )
    chunks = list(response) if stream else [response]
    text = "".join(chunk.choices[0].text for chunk in chunks)
    assert "radium" in text.lower()
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[0].id.startswith("cmpl-")
