"""LangChain and LlamaIndex, which use OpenAI's and Ollama's clients."""

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


def test_langchain_answers_and_streams_with_openais_api(served: Served) -> None:
    chat = openai_chat(served, temperature=0.2, extra_body={"mode": "naive"})
    answer = chat.invoke([("system", "Be brief."), ("human", QUESTION)])
    assert "radium" in str(answer.content).lower()
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["total_tokens"] > 50
    assert served.models.chat.requests[-1].options == {"temperature": 0.2}
    text = "".join(str(part.content) for part in chat.stream(QUESTION))
    assert "radium" in text.lower()


async def test_langchain_answers_with_the_responses_api(served: Served) -> None:
    chat = openai_chat(served, use_responses_api=True)
    answer = await chat.ainvoke(QUESTION)
    assert "radium" in answer.text.lower()
    texts = [part.text async for part in chat.astream(QUESTION)]
    assert "radium" in "".join(texts).lower()


def test_langchain_passes_the_response_format(served: Served) -> None:
    chat = openai_chat(served).bind(response_format={"type": "json_object"})
    chat.invoke(QUESTION)
    assert "response_format" in served.models.chat.requests[-1].options


def test_langchain_embeds_with_openais_api(served: Served) -> None:
    embeddings = OpenAIEmbeddings(
        model="hash",
        base_url=served.openai_url,
        api_key=SecretStr("none"),
        check_embedding_ctx_length=False,
    )
    assert len(embeddings.embed_query("radium")) == 64


def test_langchain_answers_streams_and_embeds_with_ollamas_api(served: Served) -> None:
    chat = ChatOllama(model="lightrag:naive", base_url=served.base_url, num_predict=90)
    answer = chat.invoke([("system", "Be brief."), ("human", QUESTION)])
    assert "radium" in str(answer.content).lower()
    assert served.models.chat.requests[-1].options["max_tokens"] == 90
    text = "".join(str(part.content) for part in chat.stream(QUESTION))
    assert "radium" in text.lower()
    embeddings = OllamaEmbeddings(model="lightrag", base_url=served.base_url)
    assert len(embeddings.embed_query("radium")) == 64


@pytest.mark.parametrize("stream", [False, True])
def test_llama_index_answers_and_streams(served: Served, stream: bool) -> None:
    llm = OpenAILike(
        model="LightRAG",
        api_base=served.openai_url,
        api_key="none",
        is_chat_model=True,
        max_retries=0,
    )
    messages = [ChatMessage(role="user", content=QUESTION)]
    if stream:
        text = "".join(str(part.delta or "") for part in llm.stream_chat(messages))
    else:
        text = str(llm.chat(messages).message.content)
    assert "radium" in text.lower()
