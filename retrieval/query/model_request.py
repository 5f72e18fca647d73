"""A request on its way to a model."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.llm.base import ChatModel, ChatRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A model, and what it is asked."""

    model: ChatModel
    request: ChatRequest
