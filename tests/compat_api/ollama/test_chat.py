"""`/api/chat` and `/api/generate` with Ollama's client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import ollama
import pytest

from retrieval.llm.base import ChatModel, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.ollama.conftest import QUESTION, ask
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]


def last_request(served: Served) -> Any:
    return served.models.chat.requests[-1]


def test_question_is_answered_from_the_documents(
    client: ollama.Client, served: Served
) -> None:
    answer = ask(client)
    assert "radium" in answer.message.content.lower()
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert answer.total_duration >= answer.prompt_eval_duration > 0
    assert answer.prompt_eval_count > 100
    assert answer.eval_count > 3
    assert "Marie Curie discovered radium" in last_request(served).messages[0].content


def test_stream_contains_the_same_answer_and_statistics(
    client: ollama.Client,
) -> None:
    *parts, last = ask(client, stream=True)
    assert (
        "".join(part.message.content for part in parts) == ask(client).message.content
    )
    assert len(parts) > 3
    assert not any(part.done for part in parts)
    assert (last.done, last.message.content) == (True, "")
    assert last.eval_count > 3
    assert last.total_duration > last.eval_duration > 0


async def test_asynchronous_client_streams(served: Served) -> None:
    async with ollama.AsyncClient(host=served.base_url) as client:
        messages = [{"role": "user", "content": QUESTION}]
        stream: Any = await client.chat("lightrag", messages, stream=True)
        text = "".join([part.message.content async for part in stream])
    assert "radium" in text.lower()


def test_prefixes_set_mode_context_and_instruction(
    client: ollama.Client, served: Served
) -> None:
    context = ask(client, f"/naivecontext {QUESTION}").message.content
    assert "## Passages" in context
    assert "## Entities" not in context
    assert "## Entities" in ask(client, f"/context {QUESTION}").message.content
    ask(client, f"/local[answer in one word] {QUESTION}")
    assert "answer in one word" in last_request(served).messages[0].content
    assert last_request(served).messages[-1].content == QUESTION


def test_bypass_sends_history_and_system_prompt(
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
    assert [message.content for message in request.messages] == [
        "Be kind.",
        "Hello",
        "Hi!",
        "How are you?",
    ]


def test_title_request_of_open_webui_skips_retrieval(
    client: ollama.Client, served: Served
) -> None:
    ask(client, "Make a title.\n<chat_history>\nUSER: Who?\n</chat_history>")
    (request,) = served.models.chat.requests
    assert [message.role for message in request.messages] == ["user"]


def test_options_and_formats_are_passed_to_the_model(
    client: ollama.Client, served: Served
) -> None:
    options = {"temperature": 0.1, "num_predict": 40, "stop": ["."], "num_ctx": 4096}
    ask(client, options=options, format="json", keep_alive="5m")
    assert last_request(served).options == {
        "temperature": 0.1,
        "stop": ["."],
        "max_tokens": 40,
        "response_format": {"type": "json_object"},
    }
    ask(client, format={"type": "object"}, options={"num_predict": -1})
    assert last_request(served).json_schema.schema == {"type": "object"}
    assert last_request(served).options == {}


def test_truncated_answer_has_its_done_reason(
    client: ollama.Client, answering: Answering
) -> None:
    answering(FakeChat(lambda request: Completion("It w", 7, 2, truncated=True)))
    answer = ask(client)
    assert answer.done_reason == "length"
    assert (answer.prompt_eval_count, answer.eval_count) == (7, 2)
    *_, last = ask(client, stream=True)
    assert last.done_reason == "length"


def test_generate_skips_retrieval(client: ollama.Client, served: Served) -> None:
    answer = client.generate("lightrag:latest", "Say hi", system="Be brief.")
    assert answer.done
    assert answer.response
    assert answer.context
    (request,) = served.models.chat.requests
    assert [(message.role, message.content) for message in request.messages] == [
        ("system", "Be brief."),
        ("user", "Say hi"),
    ]
    *parts, last = client.generate("lightrag:latest", "Say hi", stream=True)
    assert any(part.response for part in parts)
    assert (last.done, last.done_reason) == (True, "stop")


@pytest.mark.parametrize("stream", [False, True])
def test_generate_continues_from_its_context(
    client: ollama.Client, served: Served, stream: bool
) -> None:
    generate: Callable[..., Any] = client.generate
    first = generate("lightrag", "Say hi", stream=stream)
    *_, last = first if stream else [first]
    client.generate("lightrag", "And now?", context=last.context)
    messages = [
        (message.role, message.content) for message in last_request(served).messages
    ]
    assert messages[0] == ("user", "Say hi")
    assert messages[1][0] == "assistant"
    assert messages[2] == ("user", "And now?")
    with pytest.raises(ollama.ResponseError, match="not from this server"):
        client.generate("lightrag", "And now?", context=[1, 2, 3])


def test_generate_accepts_options_formats_and_keep_alive(
    client: ollama.Client, served: Served
) -> None:
    options = {"temperature": 0.1, "num_ctx": 4096}
    client.generate("lightrag", "Hi", options=options, format="json", keep_alive="5m")
    assert last_request(served).options == {
        "temperature": 0.1,
        "response_format": {"type": "json_object"},
    }
    with pytest.raises(ollama.ResponseError, match="Images are not supported"):
        client.generate("lightrag", "Hi", images=[b"png"])
    with pytest.raises(ollama.ResponseError, match="does not support insert"):
        client.generate("lightrag", "Hi", suffix="!")


def test_generate_without_a_prompt_loads_the_model(client: ollama.Client) -> None:
    answer = client.generate("lightrag:latest")
    assert (answer.response, answer.done_reason) == ("", "load")
    assert client.generate("lightrag", keep_alive=0).done_reason == "unload"


def get_weather(place: str) -> str:
    """Return the weather."""
    return f"The weather in {place} is fine."


@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called_and_their_results_are_used(
    client: ollama.Client, served: Served, stream: bool
) -> None:
    question: list[Any] = [{"role": "user", "content": "Get me the weather in Paris."}]
    response = ask(client, messages=question, tools=[get_weather], stream=stream)
    messages = [part.message for part in response] if stream else [response.message]
    (call_message,) = [message for message in messages if message.tool_calls]
    (call,) = call_message.tool_calls
    assert call.function.name == "get_weather"
    result = {
        "role": "tool",
        "content": get_weather("Paris"),
        "tool_name": "get_weather",
    }
    next_response = ask(
        client, messages=[*question, call_message, result], tools=[get_weather]
    )
    assert "is fine" in next_response.message.content
    *_, called, answered = last_request(served).messages
    assert called.tool_calls[0].id == answered.tool_call_id


def test_offered_tools_are_ignored_if_the_model_cannot_call_them(
    client: ollama.Client, served: Served
) -> None:
    served.models.chat.calls_tools = False
    assert ask(client, tools=[get_weather]).message.content
    assert client.show("lightrag").capabilities == ["completion"]


def test_model_of_another_workspace_answers_from_it(
    client: ollama.Client, served: Served
) -> None:
    ask(client, "Who wrote the first program?", model="elsewhere")
    assert "Ada Lovelace" in last_request(served).messages[0].content


def test_header_selects_the_workspace(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "other"}
    with closing(ollama.Client(host=served.base_url, headers=headers)) as client:
        ask(client, "Who wrote the first program?")
    assert "Ada Lovelace" in last_request(served).messages[0].content


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_ends_with_the_list_of_cited_files(
    client: ollama.Client, answering: Answering, stream: bool
) -> None:
    answering(FakeChat(lambda request: "She did [1]. No such [9]."))
    response = ask(client, stream=stream)
    parts = list(response) if stream else [response]
    text = "".join(part.message.content for part in parts)
    expected = "\n\n### References\n\n- [1] curie.txt"
    assert text == "She did [1]. No such [9]." + expected


@pytest.mark.parametrize(
    ("reply", "options"),
    [
        ("She did.", {}),
        ('{"who": "Curie [1]"}', {"format": "json"}),
        ("She did [1].\n\n**References:**\n- [1] curie.txt", {}),
        ("She did [1].", {"content": "/bypass Who?"}),
    ],
)
def test_no_list_is_added_without_citations_in_json_or_after_the_models_own(
    client: ollama.Client, answering: Answering, reply: str, options: dict[str, Any]
) -> None:
    answering(FakeChat(lambda request: reply))
    assert ask(client, **options).message.content == reply


def test_the_list_is_not_sent_to_the_model_in_the_next_turn(
    client: ollama.Client, served: Served
) -> None:
    listed = "She did [1].\n\n### References\n\n- [1] curie.txt"
    turns = [("user", QUESTION), ("assistant", listed), ("user", QUESTION)]
    ask(client, messages=[{"role": role, "content": text} for role, text in turns])
    assert last_request(served).messages[2].content == "She did [1]."


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("think", "thinking"), [(None, "Hm."), (False, "")])
def test_reasoning_is_in_a_field_of_its_own(
    client: ollama.Client,
    answering: Answering,
    stream: bool,
    think: bool | None,
    thinking: str,
) -> None:
    answering(FakeChat(lambda request: "<think>Hm.</think>She did."))
    response = ask(client, stream=stream, think=think)
    parts = list(response) if stream else [response]
    assert "".join(part.message.content for part in parts) == "She did."
    assert "".join(part.message.thinking or "" for part in parts) == thinking
