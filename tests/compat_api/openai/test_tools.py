"""Tools in OpenAI's API: passed to the model, and its calls returned to the client."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai
import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import OpenAI
from pydantic import SecretStr
from pytest_django import Settings

from retrieval.llm.base import ChatModel, Completion, ToolCall
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Get the weather in Paris, where Marie Curie discovered radium."
"""The fake model calls the tool for it, and the documents are relevant."""
PARAMETERS = {"type": "object", "properties": {"place": {"type": "string"}}}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather.",
        "parameters": PARAMETERS,
    },
}
FLAT: Any = {"type": "function", "name": "get_weather", "parameters": PARAMETERS}
SUN = "The weather in Paris, where Marie Curie discovered radium, is fine."
"""The tool's result. It is nearer to the question than the documents are."""


def ask(client: OpenAI, messages: list[Any] | None = None, **options: Any) -> Any:
    return client.chat.completions.create(
        model="LightRAG:naive",
        messages=messages or [{"role": "user", "content": QUESTION}],
        tools=[WEATHER],
        **options,
    )


def test_tool_is_called_and_its_result_is_used(
    openai_client: OpenAI, served: Served
) -> None:
    (choice,) = ask(openai_client).choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    (call,) = choice.message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"place": QUESTION}
    messages = [
        {"role": "user", "content": QUESTION},
        choice.message,
        {"role": "tool", "tool_call_id": call.id, "content": SUN},
    ]
    (next_choice,) = ask(openai_client, messages).choices
    assert next_choice.finish_reason == "stop"
    assert SUN in next_choice.message.content
    sent = served.models.chat.requests[-1].messages
    assert "Marie Curie discovered radium in Paris in 1898" in sent[0].content
    assert [message.role for message in sent[1:]] == ["user", "assistant", "tool"]
    assert sent[2].tool_calls[0].id == sent[3].tool_call_id == call.id


def test_stream_contains_the_calls(openai_client: OpenAI) -> None:
    with openai_client.chat.completions.stream(
        model="LightRAG:naive",
        messages=[{"role": "user", "content": QUESTION}],
        tools=[WEATHER],
    ) as stream:
        final: Any = stream.get_final_completion()
    (choice,) = final.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls[0].function.name == "get_weather"


def test_tool_options_are_passed_to_the_model(
    openai_client: OpenAI, served: Served
) -> None:
    ask(openai_client, tool_choice="required", parallel_tool_calls=False)
    request = served.models.chat.requests[-1]
    assert [tool.name for tool in request.tools] == ["get_weather"]
    assert request.tools[0].parameters == PARAMETERS
    assert request.options == {"tool_choice": "required", "parallel_tool_calls": False}


def test_answer_may_contain_text_and_calls(
    openai_client: OpenAI, answering: Answering
) -> None:
    call = ToolCall("call_1", "get_weather", "{}")
    completion = Completion("She did [1].", 9, 3, tool_calls=(call,))
    answering(FakeChat(lambda request: completion))
    (choice,) = ask(openai_client).choices
    assert choice.message.content == "She did [1]."
    assert choice.message.annotations
    assert choice.message.tool_calls[0].id == "call_1"


def test_question_without_results_can_call_tools(
    openai_client: OpenAI, settings: Settings
) -> None:
    query = replace(settings.LIGHTRAG.query, cosine_threshold=1.0)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query=query)
    messages = [{"role": "user", "content": "Zzz: get weather!"}]
    assert ask(openai_client, messages).choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("model", ["none", "without tools"])
def test_only_required_tools_are_refused_if_the_model_cannot_call_them(
    openai_client: OpenAI, served: Served, settings: Settings, model: str
) -> None:
    served.models.chat.calls_tools = False
    if model == "none":
        none = replace(settings.LIGHTRAG.query_llm, binding="none")
        settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=none)
    named = {"type": "function", "function": {"name": "get_weather"}}
    for choice in ("required", named):
        with pytest.raises(openai.BadRequestError, match="cannot call tools") as caught:
            ask(openai_client, tool_choice=choice)
        assert caught.value.code == "tools_not_supported"
        assert caught.value.param == "tools"
    for choice in ("none", "auto"):
        assert ask(openai_client, tool_choice=choice).choices[0].message.content
    response = openai_client.responses.create(
        model="LightRAG", input="Who discovered radium?", tools=[FLAT]
    )
    assert response.output_text


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools.0.type"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools"),
        ({"extra_body": {"functions": [{"name": "f"}]}}, "functions"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.tool_call_id"),
    ],
)
def test_error_names_the_unsupported_tool(
    openai_client: OpenAI, wrong: dict[str, Any], param: str
) -> None:
    request: dict[str, Any] = {
        "model": "LightRAG",
        "messages": [{"role": "user", "content": QUESTION}],
    }
    with pytest.raises(openai.BadRequestError) as caught:
        openai_client.chat.completions.create(**(request | wrong))
    assert (caught.value.param or "").startswith(param)


def test_response_calls_functions_and_accepts_their_outputs(
    openai_client: OpenAI, served: Served
) -> None:
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    response: Any = openai_client.responses.create(
        model="LightRAG:naive", input=messages, tools=[FLAT]
    )
    (call,) = response.output
    assert (call.type, call.name) == ("function_call", "get_weather")
    output: Any = {
        "type": "function_call_output",
        "call_id": call.call_id,
        "output": SUN,
    }
    next_response = openai_client.responses.create(
        model="LightRAG:naive", input=[*messages, call, output], tools=[FLAT]
    )
    assert SUN in next_response.output_text
    sent = served.models.chat.requests[-1].messages
    assert [message.role for message in sent[1:]] == ["user", "assistant", "tool"]


def test_streamed_response_sends_the_call_as_events(openai_client: OpenAI) -> None:
    with openai_client.responses.stream(
        model="LightRAG:naive", input=QUESTION, tools=[FLAT]
    ) as stream:
        kinds = [event.type for event in stream]
        final: Any = stream.get_final_response()
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert json.loads(final.output[0].arguments) == {"place": QUESTION}


def test_response_with_text_and_a_call_has_two_items(
    openai_client: OpenAI, answering: Answering
) -> None:
    call = ToolCall("call_1", "get_weather", "{}")
    completion = Completion("She did.", 9, 3, tool_calls=(call,))
    answering(FakeChat(lambda request: completion))
    with openai_client.responses.stream(
        model="LightRAG:naive", input=QUESTION, tools=[FLAT]
    ) as stream:
        list(stream)
        final: Any = stream.get_final_response()
    assert [item.type for item in final.output] == ["message", "function_call"]
    assert final.output_text == "She did."


def test_built_in_tools_of_openai_are_refused(openai_client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="web_search"):
        openai_client.responses.create(
            model="LightRAG", input=QUESTION, tools=[{"type": "web_search"}]
        )


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.usefixtures("sockets_left_open")
def test_langchain_binds_tools(served: Served) -> None:
    @tool
    def get_weather(place: str) -> str:
        """Return the weather."""
        return SUN

    chat = ChatOpenAI(
        model="LightRAG:naive",
        base_url=served.openai_url,
        api_key=SecretStr("none"),
        max_retries=0,
    ).bind_tools([get_weather])
    question = HumanMessage(QUESTION)
    call_message = chat.invoke([question])
    (call,) = call_message.tool_calls
    result = ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
    assert SUN in str(chat.invoke([question, call_message, result]).content)
