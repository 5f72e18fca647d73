from __future__ import annotations

from compat_api.chat import conversation
from compat_api.chat.chat_models import NamedModel
from compat_api.chat.conversation import RequestOptions
from compat_api.chat.query_request import QueryRequest
from compat_api.mcp import tools
from retrieval.llm.base import Message
from retrieval.query import keywords
from retrieval.search.params import QueryParams

EARLIER = "Tell me about the Eddystone lighthouse."
QUESTION = "When was it built?"
SEARCHED = "When was the Eddystone lighthouse built?"


def searched(params: QueryParams) -> str:
    return keywords.without_model(params).question


def test_every_api_searches_the_same_text_for_a_follow_up() -> None:
    messages = [
        Message("user", f"/naive {EARLIER}"),
        Message("assistant", "It is a tower [1].\n\n### References\n\n- [1] sea.md"),
        Message("user", QUESTION),
    ]
    model = NamedModel("LightRAG")
    chat = conversation.as_params(model, messages, RequestOptions())
    request = QueryRequest.model_validate(
        {
            "query": QUESTION,
            "conversation_history": [
                {"role": "user", "content": EARLIER},
                {"role": "assistant", "content": "It is a tower."},
            ],
        }
    )
    history = tools._history([EARLIER])
    mcp = QueryParams(QUESTION, conversation_history=history)
    assert [*map(searched, (chat, request.as_params(), mcp))] == [SEARCHED] * 3
