"""Requests that chat programs send on their own: titles, tags, search queries, and so on.

They are about the conversation and not questions to the knowledge base, so they go to the
language model without a search. Recognized are the default prompts of Open WebUI
(config.py), LibreChat (@librechat/agents, title.ts) and LobeChat (prompts/chains).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.llm.base import Message

_CONVERSATION = re.compile(
    r"^[ \t]*+<(chat_history|chatHistory)>.*?^[ \t]*+</\1>", re.DOTALL | re.MULTILINE
)
"""A block with the conversation, on lines of its own."""
_TURN = re.compile(r"^(?:USER|ASSISTANT|SYSTEM|TOOL):", re.MULTILINE)
_TASK = "### Task:"
"""The first words of most of Open WebUI's prompts; a question may begin with them too."""

_USER_PROMPTS = (
    "Your task is to reflect the speaker's likely facial expression through",
    "You have been provided with a set of responses from various models to the latest",
    "Analyze this conversation and provide:\n1. The detected language",
    "Provide a concise, 5-word-or-less title for the conversation",
    "Please generate a concise, 5-word-or-less title for the conversation",
    "Please generate a concise title (max 40 characters) for a conversation",
    "Detect user language and write in the same language an extremely concise title",
)
_SYSTEM_PROMPTS = (
    "Available Tools:",
    "Please generate a concise, 5-word-or-less title for the conversation",
    "Detect user language and write in the same language an extremely concise title",
    "You are a professional conversation summarizer.",
    "You are a professional translator. Translate the input text to",
    "You are an emoji expert who selects",
    "You're an assistant who's good at extracting key takeaways from conversations",
    "You are a sidecar that extracts",
    "Given the following conversation and a follow-up question, rephrase",
    "你是一名擅长会话的助理，你需要将用户的会话总结为",
)


def is_background_task(question: str, messages: Sequence[Message]) -> bool:
    """Return whether the last user message, `question`, is such a request."""
    text = question.replace("\r\n", "\n").strip()
    if text.startswith(_USER_PROMPTS):
        return True
    conversation = _CONVERSATION.search(text)
    if conversation and (text.startswith(_TASK) or _TURN.search(conversation[0])):
        return True
    systems = (message.content for message in messages if message.role == "system")
    return any(system.lstrip().startswith(_SYSTEM_PROMPTS) for system in systems)
