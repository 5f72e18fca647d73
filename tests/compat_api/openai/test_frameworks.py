"""LangChain and LlamaIndex, which wrap OpenAI's and Ollama's clients."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_ollama import ChatOllama, OllamaEmbeddings
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from pydantic import SecretStr

from tests.compat_api.serving import Served

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.usefixtures("sockets_left_open"),
]
QUESTION = "Who discovered radium?"


def openai_chat(served: Served, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(
        model="LightRAG",
        base_url=served.openai_url,
        api_key=SecretStr("none"),
        max_retries=0,
        **options,
    )


def test_langchain_asks_and_streams_by_openai(served: Served) -> None:
    chat = openai_chat(served, temperature=0.2, extra_body={"mode": "naive"})
    answer = chat.invoke([("system", "Be brief."), ("human", QUESTION)])
    assert "radium" in str(answer.content).lower()
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] > 50
    assert served.models.chat.requests[-1].options == {"temperature": 0.2}
    said = "".join(str(piece.content) for piece in chat.stream(QUESTION))
    assert "radium" in said.lower()


async def test_langchain_asks_by_the_responses_api(served: Served) -> None:
    chat = openai_chat(served, use_responses_api=True)
    answer = await chat.ainvoke(QUESTION)
    assert "radium" in answer.text.lower()
    pieces = [piece.text async for piece in chat.astream(QUESTION)]
    assert "radium" in "".join(pieces).lower()


def test_langchain_is_held_to_a_schema(served: Served) -> None:
    chat = openai_chat(served).bind(response_format={"type": "json_object"})
    chat.invoke(QUESTION)
    assert "response_format" in served.models.chat.requests[-1].options


def test_langchain_embeds_by_openai(served: Served) -> None:
    embeddings = OpenAIEmbeddings(
        model="hash",
        base_url=served.openai_url,
        api_key=SecretStr("none"),
        check_embedding_ctx_length=False,
    )
    assert len(embeddings.embed_query("radium")) == 64


def test_langchain_asks_streams_and_embeds_by_ollama(served: Served) -> None:
    chat = ChatOllama(model="lightrag:naive", base_url=served.base_url, num_predict=90)
    answer = chat.invoke([("system", "Be brief."), ("human", QUESTION)])
    assert "radium" in str(answer.content).lower()
    assert served.models.chat.requests[-1].options["max_tokens"] == 90
    said = "".join(str(piece.content) for piece in chat.stream(QUESTION))
    assert "radium" in said.lower()
    embeddings = OllamaEmbeddings(model="lightrag", base_url=served.base_url)
    assert len(embeddings.embed_query("radium")) == 64


@pytest.mark.parametrize("stream", [False, True])
def test_llama_index_asks_and_streams(served: Served, stream: bool) -> None:
    llm = OpenAILike(
        model="LightRAG",
        api_base=served.openai_url,
        api_key="none",
        is_chat_model=True,
        max_retries=0,
    )
    messages = [ChatMessage(role="user", content=QUESTION)]
    if stream:
        said = "".join(str(one.delta or "") for one in llm.stream_chat(messages))
    else:
        said = str(llm.chat(messages).message.content)
    assert "radium" in said.lower()
