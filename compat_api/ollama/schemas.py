"""What may be asked over Ollama's API. Unknown fields are left aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from compat_api.chat.tool_use import Function
from compat_api.ollama.errors import BadRequest
from retrieval.llm.base import JsonSchema, Tool

Name = Annotated[str, Field(min_length=1, max_length=256)]
Images = Annotated[list[Any], Field(max_length=16)]
PORTABLE = (
    "temperature",
    "top_p",
    "seed",
    "stop",
    "presence_penalty",
    "frequency_penalty",
)
"""Options that every provider of the answering model knows."""


class Options(BaseModel):
    """Ollama's options, as far as they are not about how it runs a model itself."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    num_predict: int | None = None

    def portable(self) -> dict[str, Any]:
        """In OpenAI's names; a `num_predict` below 1 is no limit."""
        said = {name: getattr(self, name) for name in PORTABLE}
        if self.num_predict and self.num_predict > 0:
            said["max_tokens"] = self.num_predict
        return {name: value for name, value in said.items() if value is not None}


class Asking(Schema):
    """What `/api/chat` and `/api/generate` share."""

    model: Name
    format: Literal["", "json"] | dict[str, Any] | None = None
    options: Options | None = None
    system: str | None = Field(None, max_length=32_768)
    keep_alive: str | float | None = None

    def model_options(self) -> dict[str, Any]:
        """What goes to the answering model."""
        said = self.options.portable() if self.options else {}
        if self.format == "json":
            said["response_format"] = {"type": "json_object"}
        return said

    def schema_wanted(self) -> JsonSchema | None:
        return (
            JsonSchema("answer", self.format, strict=False, ours=False)
            if isinstance(self.format, dict)
            else None
        )


class CalledFunction(BaseModel):
    """What was to be called."""

    name: str = Field(max_length=64)
    arguments: dict[str, Any] = Field(default_factory=dict)


class CalledTool(BaseModel):
    """One of an assistant's `tool_calls`; Ollama's have no ids."""

    function: CalledFunction


class ChatMessage(BaseModel):
    """One message; a tool's may say which tool it is of."""

    role: str = Field(max_length=64)
    content: str | None = Field("", max_length=32_768)
    images: Images | None = None
    tool_calls: list[CalledTool] | None = Field(None, max_length=128)
    tool_name: str | None = Field(None, max_length=64)


class OfferedTool(BaseModel):
    """A tool the model may ask the caller to call."""

    type: str | None = "function"
    function: Function


class ChatRequest(Asking):
    """`POST /api/chat`: streams unless told otherwise."""

    messages: list[ChatMessage] = Field(max_length=128)
    stream: bool | None = True
    tools: list[OfferedTool] | None = Field(None, max_length=128)

    def offered(self) -> list[Tool]:
        return [one.function.known() for one in self.tools or ()]

    def check(self) -> None:
        """Raises BadRequest, in upstream's and in Ollama's words."""
        if not self.messages:
            raise BadRequest("No messages provided")
        if self.messages[-1].role not in ("user", "tool"):
            raise BadRequest("Last message must be from user role")
        refuse_images(*(message.images for message in self.messages))


class GenerateRequest(Asking):
    """`POST /api/generate`: does not stream unless told to (docs/lightrag.md A.5)."""

    prompt: str = Field("", max_length=65_536)
    stream: bool | None = False
    images: Images | None = None
    suffix: str | None = None
    context: list[Annotated[int, Field(ge=0)]] | None = Field(None, max_length=65_536)

    @property
    def unloads(self) -> bool:
        """Whether the model shall go; it is not ours, so nothing is done about it."""
        return self.keep_alive in (0, "0", "0s")

    def check(self) -> None:
        """Raises BadRequest, in Ollama's words."""
        refuse_images(self.images)
        if self.suffix:
            raise BadRequest(f"{self.model} does not support insert")


class EmbedRequest(Schema):
    """`POST /api/embed`."""

    model: Name
    input: str | Annotated[list[str], Field(max_length=2048)]
    dimensions: int | None = None


class EmbeddingsRequest(Schema):
    """`POST /api/embeddings`, its older form."""

    model: Name
    prompt: str = ""


class NamedRequest(Schema):
    """`POST /api/show` and `/api/pull`; `name` is the field's older name."""

    model: str = Field("", max_length=256)
    name: str = Field("", max_length=256)
    stream: bool | None = True


def refuse_images(*images: Sequence[Any] | None) -> None:
    """Raises BadRequest where there are any."""
    if any(images):
        raise BadRequest("Images cannot be read here: this model reads text only.")
