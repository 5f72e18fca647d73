"""Ollama's API, as its official client sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import httpx
import ollama
import pytest
from pytest_django import Settings

from retrieval.llm import errors as llm
from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"


@pytest.fixture
def client(served: Served) -> Iterator[ollama.Client]:
    with closing(ollama.Client(host=served.base_url)) as client:
        yield client


def ask(client: ollama.Client, content: str = QUESTION, **options: Any) -> Any:
    options.setdefault("model", "lightrag:latest")
    options.setdefault("messages", [{"role": "user", "content": content}])
    return client.chat(**options)


def sent(served: Served) -> Any:
    return served.models.chat.requests[-1]


def test_a_question_is_answered_from_the_documents(
    client: ollama.Client, served: Served
) -> None:
    answer = ask(client)
    assert "radium" in answer.message.content.lower()
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert answer.total_duration >= answer.prompt_eval_duration > 0
    assert answer.prompt_eval_count > 100
    assert answer.eval_count > 3
    assert "Marie Curie discovered radium" in sent(served).messages[0].content


def test_a_stream_brings_the_same_words_and_ends_with_statistics(
    client: ollama.Client,
) -> None:
    *pieces, last = ask(client, stream=True)
    assert "".join(one.message.content for one in pieces) == ask(client).message.content
    assert len(pieces) > 3
    assert not any(one.done for one in pieces)
    assert (last.done, last.message.content) == (True, "")
    assert last.eval_count > 3
    assert last.total_duration > last.eval_duration > 0


async def test_the_asynchronous_client_streams(served: Served) -> None:
    async with ollama.AsyncClient(host=served.base_url) as client:
        messages = [{"role": "user", "content": QUESTION}]
        stream: Any = await client.chat("lightrag", messages, stream=True)
        said = "".join([one.message.content async for one in stream])
    assert "radium" in said.lower()


def test_prefixes_choose_mode_context_and_wishes(
    client: ollama.Client, served: Served
) -> None:
    context = ask(client, f"/naivecontext {QUESTION}").message.content
    assert "## Passages" in context
    assert "## Entities" not in context
    assert "## Entities" in ask(client, f"/context {QUESTION}").message.content
    ask(client, f"/local[answer in one word] {QUESTION}")
    assert "answer in one word" in sent(served).messages[0].content
    assert sent(served).messages[-1].content == QUESTION


def test_bypass_asks_the_model_with_history_and_system(
    client: ollama.Client, served: Served
) -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "/bypass How are you?"},
    ]
    ask(client, messages=messages)
    (request,) = served.models.chat.requests
    assert [one.content for one in request.messages] == [
        "Be kind.",
        "Hello",
        "Hi!",
        "How are you?",
    ]


def test_open_webuis_own_chores_go_to_the_model_alone(
    client: ollama.Client, served: Served
) -> None:
    ask(client, "Make a title.\n<chat_history>\nUSER: Who?\n</chat_history>")
    (request,) = served.models.chat.requests
    assert [one.role for one in request.messages] == ["user"]


def test_options_and_formats_are_handed_on(
    client: ollama.Client, served: Served
) -> None:
    options = {"temperature": 0.1, "num_predict": 40, "stop": ["."], "num_ctx": 4096}
    ask(client, options=options, format="json", keep_alive="5m")
    assert sent(served).options == {
        "temperature": 0.1,
        "stop": ["."],
        "max_tokens": 40,
        "response_format": {"type": "json_object"},
    }
    ask(client, format={"type": "object"}, options={"num_predict": -1})
    assert sent(served).json_schema.schema == {"type": "object"}
    assert sent(served).options == {}


def test_a_cut_off_answer_says_so(client: ollama.Client, answering: Answering) -> None:
    answering(FakeChat(lambda request: Completion("It w", 7, 2, truncated=True)))
    answer = ask(client)
    assert answer.done_reason == "length"
    assert (answer.prompt_eval_count, answer.eval_count) == (7, 2)
    *_, last = ask(client, stream=True)
    assert last.done_reason == "length"


def test_generate_asks_the_model_alone(client: ollama.Client, served: Served) -> None:
    answer = client.generate("lightrag:latest", "Say hi", system="Be brief.")
    assert answer.done
    assert answer.response
    assert answer.context
    (request,) = served.models.chat.requests
    assert [(one.role, one.content) for one in request.messages] == [
        ("system", "Be brief."),
        ("user", "Say hi"),
    ]
    *pieces, last = client.generate("lightrag:latest", "Say hi", stream=True)
    assert any(one.response for one in pieces)
    assert (last.done, last.done_reason) == (True, "stop")


@pytest.mark.parametrize("stream", [False, True])
def test_generate_goes_on_from_its_context(
    client: ollama.Client, served: Served, stream: bool
) -> None:
    generate: Callable[..., Any] = client.generate
    first = generate("lightrag", "Say hi", stream=stream)
    *_, last = first if stream else [first]
    client.generate("lightrag", "And now?", context=last.context)
    said = [(one.role, one.content) for one in sent(served).messages]
    assert said[0] == ("user", "Say hi")
    assert said[1][0] == "assistant"
    assert said[2] == ("user", "And now?")
    with pytest.raises(ollama.ResponseError, match="context was not made"):
        client.generate("lightrag", "And now?", context=[1, 2, 3])


def test_generate_takes_options_formats_and_keep_alive(
    client: ollama.Client, served: Served
) -> None:
    options = {"temperature": 0.1, "num_ctx": 4096}
    client.generate("lightrag", "Hi", options=options, format="json", keep_alive="5m")
    assert sent(served).options == {
        "temperature": 0.1,
        "response_format": {"type": "json_object"},
    }
    with pytest.raises(ollama.ResponseError, match="Images cannot be read"):
        client.generate("lightrag", "Hi", images=[b"png"])
    with pytest.raises(ollama.ResponseError, match="does not support insert"):
        client.generate("lightrag", "Hi", suffix="!")


def test_generate_without_a_prompt_only_loads(client: ollama.Client) -> None:
    answer = client.generate("lightrag:latest")
    assert (answer.response, answer.done_reason) == ("", "load")
    assert client.generate("lightrag", keep_alive=0).done_reason == "unload"


def get_weather(place: str) -> str:
    """Tells the weather."""
    return f"The weather in {place} is fine."


@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called_and_their_answers_told(
    client: ollama.Client, served: Served, stream: bool
) -> None:
    asked: list[Any] = [{"role": "user", "content": "Get me the weather in Paris."}]
    found = ask(client, messages=asked, tools=[get_weather], stream=stream)
    messages = [one.message for one in found] if stream else [found.message]
    (calling,) = [one for one in messages if one.tool_calls]
    (call,) = calling.tool_calls
    assert call.function.name == "get_weather"
    told = {"role": "tool", "content": get_weather("Paris"), "tool_name": "get_weather"}
    then = ask(client, messages=[*asked, calling, told], tools=[get_weather])
    assert "is fine" in then.message.content
    *_, called, answered = sent(served).messages
    assert called.tool_calls[0].id == answered.tool_call_id


def test_tools_are_refused_where_no_model_can_call_them(
    client: ollama.Client, served: Served
) -> None:
    served.models.chat.calls_tools = False
    with pytest.raises(ollama.ResponseError, match="cannot call tools") as caught:
        ask(client, tools=[get_weather])
    assert caught.value.status_code == 400
    assert client.show("lightrag").capabilities == ["completion"]


def test_models_can_be_pulled_but_not_made_or_removed(client: ollama.Client) -> None:
    assert client.pull("lightrag:naive").status == "success"
    assert [one.status for one in client.pull("poet", stream=True)] == ["success"]
    with pytest.raises(ollama.ResponseError, match="'llama9' not found"):
        client.pull("llama9")
    refused: list[Callable[[], object]] = [
        lambda: client.create("mine", from_="lightrag"),
        lambda: client.copy("lightrag", "mine"),
        lambda: client.push("lightrag"),
        lambda: client.delete("lightrag"),
    ]
    for call in refused:
        with pytest.raises(ollama.ResponseError, match="not made or removed"):
            call()


def test_models_are_listed_shown_and_running(client: ollama.Client) -> None:
    names = [one.model for one in client.list().models]
    assert names[0] == "lightrag:latest"
    assert {"lightrag:local", "lightrag:naive", "poet", "elsewhere"} < set(names)
    assert client.ps().models[0].name == "lightrag:latest"
    shown = client.show("lightrag:local")
    assert shown.capabilities == ["completion", "tools"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["lightrag.mode"] == "local"


def test_the_version_is_upstreams(served: Served) -> None:
    assert httpx.get(f"{served.base_url}/api/version").json() == {"version": "0.9.3"}


def test_texts_become_vectors(client: ollama.Client) -> None:
    found = client.embed("lightrag:latest", ["radium", "polonium"])
    assert [len(one) for one in found.embeddings] == [64, 64]
    one = client.embeddings("hash", "radium").embedding
    assert list(one) == pytest.approx(list(found.embeddings[0]))
    assert client.embed("lightrag", "radium").prompt_eval_count == 2


def test_a_model_of_another_workspace_answers_from_it(
    client: ollama.Client, served: Served
) -> None:
    ask(client, "Who wrote the first program?", model="elsewhere")
    assert "Ada Lovelace" in sent(served).messages[0].content


def test_header_selects_the_workspace(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "other"}
    with closing(ollama.Client(host=served.base_url, headers=headers)) as client:
        ask(client, "Who wrote the first program?")
    assert "Ada Lovelace" in sent(served).messages[0].content


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"messages": []}, 400, "No messages provided"),
        (
            {"messages": [{"role": "assistant", "content": "x"}]},
            400,
            "Last message must be from user role",
        ),
        (
            {"messages": [{"role": "user", "content": "x", "images": [b"png"]}]},
            400,
            "Images cannot be read",
        ),
        ({"model": "llama9"}, 404, "model 'llama9' not found"),
        ({"content": "x" * 40_000}, 413, "messages.0.content"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_bad_request_says_what_is_wrong(
    client: ollama.Client, wrong: dict[str, Any], status: int, said: str, stream: bool
) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        list(ask(client, stream=stream, **wrong))
    assert caught.value.status_code == status
    assert said in caught.value.error


def test_a_body_that_is_no_json_is_told_as_upstream_does(served: Served) -> None:
    answer = httpx.post(f"{served.base_url}/api/chat", content=b'{"model":')
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Invalid JSON in request body"


def test_key_is_required(served: Served, settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="sesame")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    with (
        closing(ollama.Client(host=served.base_url)) as client,
        pytest.raises(ollama.ResponseError) as caught,
    ):
        client.list()
    assert caught.value.status_code == 403
    headers = {"Authorization": "Bearer sesame"}
    with closing(ollama.Client(host=served.base_url, headers=headers)) as client:
        assert ask(client).message.content


@pytest.mark.parametrize("stream", [False, True])
def test_provider_failure_is_reported(
    client: ollama.Client, answering: Answering, stream: bool
) -> None:
    answering(FakeChat(lambda request: llm.RateLimited("slow down", 31.0)))
    with pytest.raises(ollama.ResponseError, match="slow down") as caught:
        list(ask(client, stream=stream))
    assert caught.value.status_code == 429


class BreaksOff(FakeChat):
    """Fails after its first words."""

    async def stream(self, request: Any) -> Any:
        yield "It "
        raise llm.ProviderDown("The line is dead.")


def test_a_failure_in_the_middle_of_a_stream_is_raised(
    client: ollama.Client, answering: Answering
) -> None:
    answering(BreaksOff())
    pieces = iter(ask(client, stream=True))
    assert next(pieces).message.content == "It "
    with pytest.raises(ollama.ResponseError, match="The line is dead"):
        next(pieces)
