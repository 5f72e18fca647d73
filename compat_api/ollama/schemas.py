"""Requests of the Ollama dialect. Unknown fields are ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from compat_api.chat.tool_use import Function
from compat_api.ollama.errors import BadRequest
from retrieval.llm.base import JsonSchema, Tool
from retrieval.search.params import MAX_QUESTION_CHARS

Name = Annotated[str, Field(min_length=1, max_length=256)]
Images = Annotated[list[Any], Field(max_length=16)]
LAST_ROLES = ("user", "tool")
PORTABLE = (
    "temperature",
    "top_p",
    "seed",
    "stop",
    "presence_penalty",
    "frequency_penalty",
)
"""Options that every provider of the answering model supports."""


class Options(BaseModel):
    """Ollama's options that apply to any model, not to Ollama's own runtime."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    num_predict: int | None = None

    def portable(self) -> dict[str, Any]:
        """Return the options by OpenAI's names; a `num_predict` below 1 is no limit."""
        values = {name: getattr(self, name) for name in PORTABLE}
        if self.num_predict and self.num_predict > 0:
            values["max_tokens"] = self.num_predict
        return {name: value for name, value in values.items() if value is not None}


class ModelRequest(Schema):
    """The fields that `/api/chat` and `/api/generate` share."""

    model: Name
    format: Literal["", "json"] | dict[str, Any] | None = None
    options: Options | None = None
    system: str | None = Field(None, max_length=32_768)
    keep_alive: str | float | None = None
    think: bool | str | None = None

    def model_options(self) -> dict[str, Any]:
        """Return the options for the answering model."""
        options = self.options.portable() if self.options else {}
        if self.think is not None:
            options["think"] = self.think
        if self.format == "json":
            options["response_format"] = {"type": "json_object"}
        return options

    def requested_schema(self) -> JsonSchema | None:
        return (
            JsonSchema("answer", self.format, strict=False, ours=False)
            if isinstance(self.format, dict)
            else None
        )


class CalledFunction(BaseModel):
    """The function that was called."""

    name: str = Field(max_length=64)
    arguments: dict[str, Any] = Field(default_factory=dict)


class CalledTool(BaseModel):
    """A tool call in an assistant's message; Ollama's tool calls have no ids."""

    function: CalledFunction


class ChatMessage(BaseModel):
    """A message; a tool message may name its tool."""

    role: str = Field(max_length=64)
    content: str | None = Field("", max_length=MAX_QUESTION_CHARS)
    images: Images | None = None
    tool_calls: list[CalledTool] | None = Field(None, max_length=128)
    tool_name: str | None = Field(None, max_length=64)


class OfferedTool(BaseModel):
    """A tool that the model may ask the caller to call."""

    type: str | None = "function"
    function: Function


class ChatRequest(ModelRequest):
    """`POST /api/chat`; the response is a stream unless `stream` is false."""

    messages: list[ChatMessage] = Field(max_length=128)
    stream: bool | None = True
    tools: list[OfferedTool] | None = Field(None, max_length=128)

    def offered_tools(self) -> list[Tool]:
        return [tool.function.as_tool() for tool in self.tools or ()]

    def check(self) -> None:
        """Raise BadRequest with the messages of LightRAG and Ollama."""
        if not self.messages:
            raise BadRequest("No messages provided")
        if self.messages[-1].role not in LAST_ROLES:
            raise BadRequest("Last message must be from user role")
        last = max(n for n, item in enumerate(self.messages) if item.role in LAST_ROLES)
        refuse_images(*(message.images for message in self.messages[last:]))


class GenerateRequest(ModelRequest):
    """`POST /api/generate`; streams only if `stream` is true (docs/lightrag.md A.5)."""

    prompt: str = Field("", max_length=MAX_QUESTION_CHARS)
    stream: bool | None = False
    images: Images | None = None
    suffix: str | None = None
    context: list[Annotated[int, Field(ge=0)]] | None = Field(None, max_length=65_536)

    @property
    def unloads(self) -> bool:
        """Whether Ollama would unload the model; here this has no effect."""
        return self.keep_alive in (0, "0", "0s")

    def check(self) -> None:
        """Raise BadRequest with Ollama's messages."""
        refuse_images(self.images)
        if self.suffix:
            raise BadRequest(f"{self.model} does not support insert")


class EmbedRequest(Schema):
    """`POST /api/embed`."""

    model: Name
    input: str | Annotated[list[str], Field(max_length=2048)]
    dimensions: int | None = None


class EmbeddingsRequest(Schema):
    """`POST /api/embeddings`, the predecessor of `/api/embed`."""

    model: Name
    prompt: str = ""


class NamedRequest(Schema):
    """`POST /api/show` and `/api/pull`; `name` is an older name of `model`."""

    model: str = Field("", max_length=256)
    name: str = Field("", max_length=256)
    stream: bool | None = True


def refuse_images(*images: Sequence[Any] | None) -> None:
    """Raise BadRequest if there are images."""
    if any(images):
        raise BadRequest("Images are not supported: this model accepts text only.")
