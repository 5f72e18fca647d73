"""Official clients of a live server whose answers come from a provider over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import ollama
import openai
import pytest
import yaml
from mcp import Client
from openai import OpenAI

from tests import live_server
from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Provider

QUESTION: Any = {"role": "user", "content": "Who discovered Radium?"}
CONFIG = {
    "models": {
        "query_llm": {
            "binding": "openai",
            "model": "gpt",
            "binding_api_key": stand_in_provider.KEY,
        },
        "chat_models": [
            {
                "id": "handbook",
                "mode": "naive",
                "workspace": "handbook",
                "parameters": {"top_k": 3, "response_type": "Bullet Points"},
                "system_prompt": "Answer new colleagues in plain words.",
            }
        ],
    }
}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}


@pytest.fixture(scope="module")
def server(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    config: Path = tmp_path_factory.mktemp("config") / "config.yaml"
    config.write_text(yaml.safe_dump(CONFIG))
    variables = {
        "LIGHTRAG_CONFIG": str(config),
        "LLM_BINDING": "fake",
        "EMBEDDING_BINDING": "fake",
        "QUERY_LLM_BINDING_HOST": f"{provider.url}/v1",
        "COSINE_THRESHOLD": "0",
        "ENABLE_LLM_CACHE": "false",
        "LOG_LEVEL": "WARNING",
    }
    with live_server.running(variables) as client:
        client.post("/workspaces", json={"name": "handbook"}).raise_for_status()
        add(client, "curie.txt", "Marie Curie discovered Radium in Paris.")
        add(client, "rules.txt", "Radium is kept in the cellar.", "handbook")
        yield client


def add(client: httpx.Client, name: str, text: str, workspace: str = "") -> None:
    headers = {"LIGHTRAG-WORKSPACE": workspace} if workspace else {}
    body = {"text": text, "file_source": name}
    client.post("/documents/text", json=body, headers=headers).raise_for_status()
    client.headers.update(headers)
    live_server.settle(client, 1)
    for header in headers:
        del client.headers[header]


@pytest.fixture
def client(server: httpx.Client) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.base_url}/v1", api_key="x", max_retries=0) as client:
        yield client


def last_body(provider: Provider) -> dict[str, Any]:
    """Return the last request that reached the provider."""
    return provider.requests[-1].body


@pytest.mark.parametrize("stream", [False, True])
def test_options_of_a_client_reach_the_provider(
    provider: Provider, client: OpenAI, stream: bool
) -> None:
    options: dict[str, Any] = {
        "temperature": 0.3,
        "top_p": 0.9,
        "max_completion_tokens": 50,
        "stop": ["END"],
        "seed": 7,
        "user": "ann",
        "response_format": {"type": "json_object"},
    }
    completion = client.chat.completions.create(
        model="LightRAG", messages=[QUESTION], n=1, stream=stream, **options
    )
    if stream:
        list(completion)
    body = last_body(provider)
    assert {name: body.get(name) for name in options} == options
    assert body["stream"] is stream
    assert body["messages"][-1] == QUESTION


def test_a_schema_reaches_the_provider_with_its_strictness(
    provider: Provider, client: OpenAI
) -> None:
    schema = {"type": "object", "properties": {"who": {"type": "string"}}}
    for strict in (True, False):
        named = {"name": "who", "schema": schema, "strict": strict}
        form: Any = {"type": "json_schema", "json_schema": named}
        client.chat.completions.create(
            model="LightRAG", messages=[QUESTION], response_format=form
        )
        assert last_body(provider)["response_format"] == form


def test_a_stream_reports_the_providers_usage(client: OpenAI) -> None:
    *_, last = client.chat.completions.create(
        model="LightRAG",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    assert last.usage is not None
    assert last.usage.prompt_tokens == stand_in_provider.USAGE["prompt_tokens"]
    with client.responses.stream(
        model="LightRAG", input="Who discovered Radium?"
    ) as stream:
        usage = stream.get_final_response().usage
    assert usage is not None
    assert usage.output_tokens == stand_in_provider.USAGE["completion_tokens"]


@pytest.mark.parametrize("stream", [False, True])
def test_tools_reach_the_provider_and_tool_calls_reach_the_client(
    provider: Provider, client: OpenAI, stream: bool
) -> None:
    messages: list[Any] = [{"role": "user", "content": "Get me the weather in Paris."}]
    if stream:
        with client.chat.completions.stream(
            model="LightRAG", messages=messages, tools=[WEATHER]
        ) as events:
            completion: Any = events.get_final_completion()
    else:
        completion = client.chat.completions.create(
            model="LightRAG", messages=messages, tools=[WEATHER]
        )
    (call,) = completion.choices[0].message.tool_calls
    assert completion.choices[0].finish_reason == "tool_calls"
    assert last_body(provider)["tools"][0]["function"]["name"] == "get_weather"
    result: Any = {
        "role": "tool",
        "tool_call_id": call.id,
        "content": "Paris: weather fine.",
    }
    called = completion.choices[0].message.to_dict()
    then = client.chat.completions.create(
        model="LightRAG", messages=[*messages, called, result], tools=[WEATHER]
    )
    assert "weather fine" in str(then.choices[0].message.content)
    assert [m["role"] for m in last_body(provider)["messages"][1:]] == [
        "user",
        "assistant",
        "tool",
    ]


def test_a_model_of_the_yaml_file_has_its_mode_prompt_and_workspace(
    provider: Provider, client: OpenAI
) -> None:
    assert "handbook" in [model.id for model in client.models.list()]
    question: Any = {"role": "user", "content": "Where is Radium kept?"}
    answer = client.chat.completions.create(model="handbook", messages=[question])
    system = last_body(provider)["messages"][0]["content"]
    assert "Answer new colleagues in plain words." in system
    assert "Bullet Points" in system
    assert "cellar" in system
    assert "Marie Curie" not in system
    assert answer.model == "handbook"


@pytest.mark.parametrize("stream", [False, True])
def test_a_conversation_longer_than_the_context_is_a_bad_request(
    answering: Provider, client: OpenAI, stream: bool
) -> None:
    too_long = "This model's maximum context length is 8 tokens."
    answering.respond = stand_in_provider.refusing(
        400, "context_length_exceeded", too_long
    )
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="LightRAG", messages=[QUESTION], stream=stream
        )
    assert caught.value.code == "context_length_exceeded"


def test_the_curl_commands_of_the_start_page_work(server: httpx.Client) -> None:
    """Run the commands as they are printed."""
    listed = server.get("/api/v1/models").json()
    assert listed["object"] == "list"
    first = listed["data"][0]
    assert first["id"] == "LightRAG"
    assert first.keys() == {"id", "object", "created", "owned_by"}
    question = "What is Retrieval-Augmented Generation?"
    body = {"model": "LightRAG", "messages": [{"role": "user", "content": question}]}
    answer = server.post("/api/v1/chat/completions", json=body)
    assert answer.json()["choices"][0]["message"]["content"]


def test_ollamas_client_uses_the_same_model(
    provider: Provider, server: httpx.Client
) -> None:
    with closing(ollama.Client(host=str(server.base_url))) as client:
        *pieces, last = client.chat(
            "lightrag", [QUESTION], stream=True, options={"num_predict": 9}
        )
    assert "Marie Curie" in "".join(str(part.message.content) for part in pieces)
    assert last.prompt_eval_count == stand_in_provider.USAGE["prompt_tokens"]
    assert last_body(provider)["max_tokens"] == 9


async def test_an_agent_uses_the_same_model(server: httpx.Client) -> None:
    async with Client(f"{server.base_url}/mcp") as agent:
        completion: Any = await agent.call_tool(
            "query", {"question": QUESTION["content"]}
        )
    assert "Marie Curie" in completion.structured_content["answer"]
    assert json.loads(completion.content[0].text) == completion.structured_content
