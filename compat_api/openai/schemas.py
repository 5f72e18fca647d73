"""Requests of the OpenAI dialect.

Unknown fields are ignored, so that clients can send new fields of OpenAI's API.
LightRAG's parameters are accepted beside OpenAI's (`extra_body` in the SDK).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from compat_api.chat.query_request import RetrievalFields
from compat_api.openai import formats
from compat_api.openai.messages import ChatMessages, Part
from compat_api.openai.tools import MAX_TOOLS, ChatTool, Choice, ResponseTool

Name = Annotated[str, Field(min_length=1, max_length=256)]
Probability = Annotated[float, Field(ge=0, le=1)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Length = Annotated[int, Field(ge=1)]
Token = Annotated[int, Field(ge=0)]

PASSED_ON = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "seed",
    "user",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "reasoning_effort",
)
"""Options that are passed to the answering model unchanged."""


class Sampling(Schema):
    """Sampling options of the answering model."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Probability | None = None
    user: str | None = None

    def options(self) -> dict[str, Any]:
        """Return the options that are set."""
        values = {name: getattr(self, name, None) for name in PASSED_ON}
        return {name: value for name, value in values.items() if value is not None}


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: bool | None = False


class ChatCompletionRequest(RetrievalFields, ChatMessages, Sampling):
    """`POST /v1/chat/completions`."""

    model: Name
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: Length | None = None
    max_completion_tokens: Length | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, float] | None = None
    reasoning_effort: str | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    response_format: formats.ResponseFormat | None = None
    tools: list[ChatTool] | None = Field(None, max_length=MAX_TOOLS)
    tool_choice: Choice | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = None

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)


class CompletionRequest(Sampling):
    """`POST /v1/completions`."""

    model: Name
    prompt: str | Annotated[list[str], Field(min_length=1, max_length=1024)]
    suffix: str | None = None
    stream: bool | None = False
    max_tokens: Length | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None


class InputItem(BaseModel):
    """An item of a response's input: a message, a tool call or its result.

    An `item_reference` names an item of an earlier response by its `id`.
    """

    type: str = "message"
    id: str = Field("", max_length=256)
    role: Literal["system", "developer", "user", "assistant"] = "user"
    content: str | list[Part] = ""
    call_id: str = ""
    name: str = ""
    arguments: str = ""
    output: str | list[Part] = ""

    @property
    def is_question(self) -> bool:
        """Whether it is a message of the user."""
        return self.type == "message" and self.role == "user"


class TextOptions(BaseModel):
    """The format of a response's text."""

    format: formats.TextFormat | None = None


class ResponseRequest(RetrievalFields, Sampling):
    """`POST /v1/responses`. Responses are not stored."""

    model: Name
    input: str | Annotated[list[InputItem], Field(min_length=1, max_length=1024)]
    instructions: str | None = None
    stream: bool | None = False
    max_output_tokens: Length | None = None
    text: TextOptions | None = None
    tools: list[ResponseTool] | None = Field(None, max_length=MAX_TOOLS)
    tool_choice: Choice | None = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    conversation: str | dict[str, Any] | None = None
    background: bool | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None


class EmbeddingsRequest(Schema):
    """`POST /v1/embeddings`. Token ids are those of OpenAI's cl100k_base."""

    model: Name
    input: str | list[str] | list[Token] | list[list[Token]]
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: Annotated[int, Field(ge=1)] | None = None
    input_type: Literal["document", "query"] = "document"
    """An addition: some models embed questions and documents differently."""
