"""Requests of chat programs that are not questions, in their own words."""

from __future__ import annotations

import pytest

from compat_api.chat.background_tasks import is_background_task
from retrieval.llm.base import Message

HISTORY = "<chat_history>\n{}\n</chat_history>"
TURNS = "USER: Who?\nASSISTANT: Marie Curie."
OPEN_WEBUI = [
    f"### Task:\nGenerate a concise title.\n### Chat History:\n{HISTORY.format(TURNS)}",
    "### Task:\nGenerate tags.\n\n### Chat History:\n"
    + HISTORY.format("ASSISTANT: Marie Curie.\nUSER: When?"),
    "### Task:\nAnalyze the chat history to determine search queries.\n"
    + HISTORY.format("SYSTEM: Be brief.\nUSER: When?"),
    "### Task:\nYou are an autocompletion system.\n### Context:\n"
    "<chat_history>\n\n</chat_history>\n<type>General</type>\n<text>Who is</text>",
    "Your task is to reflect the speaker's likely facial expression through a fitting "
    "emoji.\n\nMessage: ```Who?```",
    "You have been provided with a set of responses from various models to the latest "
    'user query: "Who?"\n\nResponses from models: A B',
    f"Make a title.\n{HISTORY.format(TURNS)}",
]
LIBRECHAT = [
    "Analyze this conversation and provide:\n1. The detected language of the "
    "conversation\n2. A concise title\n\nUser: Who?\nAI: Marie Curie",
    "Provide a concise, 5-word-or-less title for the conversation, using title case "
    "conventions. Only return the title itself.\n\nConversation:\nUser: Who?",
]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [*OPEN_WEBUI, *LIBRECHAT])
def test_a_background_task_is_recognized(text: str, line_end: str) -> None:
    assert is_background_task(text.replace("\n", line_end), [])


@pytest.mark.parametrize(
    "system",
    [
        'Available Tools: [{"name": "f"}]\n\nYour task is to choose the tools.',
        "You are a professional conversation summarizer. Generate a concise title.",
        "You are a professional translator. Translate the input text to en-US.",
        "你是一名擅长会话的助理，你需要将用户的会话总结为 10 个字以内的标题",
    ],
)
def test_a_background_task_may_be_in_the_system_message(system: str) -> None:
    assert is_background_task("user: Who?", [Message("system", system)])


@pytest.mark.parametrize(
    "text",
    [
        "Who discovered radium?",
        "### Task: find the discoverer of radium",
        "### Task:\nWhat does the tag <chat_history> mean in the manual?",
        "What does `<chat_history>USER: x</chat_history>` mean?",
        "Provide a concise answer.",
    ],
)
def test_a_question_is_not_a_background_task(text: str) -> None:
    system = Message("system", "You are a helpful translator of questions.")
    assert not is_background_task(text, [system])
