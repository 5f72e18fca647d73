"""What may be asked over Ollama's API. Unknown fields are left aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from compat_api.ollama.errors import BadRequest
from retrieval.llm.base import JsonSchema

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


class Options(Schema):
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
            JsonSchema("answer", self.format) if isinstance(self.format, dict) else None
        )


class ChatMessage(Schema):
    """One message."""

    role: str = Field(max_length=64)
    content: str = Field("", max_length=32_768)
    images: Images | None = None


class ChatRequest(Asking):
    """`POST /api/chat`: streams unless told otherwise."""

    messages: list[ChatMessage] = Field(max_length=128)
    stream: bool | None = True
    tools: list[Any] | None = None

    def check(self) -> None:
        """Raises BadRequest, in upstream's and in Ollama's words."""
        if not self.messages:
            raise BadRequest("No messages provided")
        if self.messages[-1].role != "user":
            raise BadRequest("Last message must be from user role")
        refuse_images(*(message.images for message in self.messages))
        if self.tools:
            raise BadRequest(f"{self.model} does not support tools")


class GenerateRequest(Asking):
    """`POST /api/generate`: does not stream unless told to (UPSTREAM a.5)."""

    prompt: str = Field("", max_length=65_536)
    stream: bool | None = False
    images: Images | None = None
    suffix: str | None = None

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


class ShowRequest(Schema):
    """`POST /api/show`; `name` is the field's older name."""

    model: str = Field("", max_length=256)
    name: str = Field("", max_length=256)


def refuse_images(*images: Sequence[Any] | None) -> None:
    """Raises BadRequest where there are any."""
    if any(images):
        raise BadRequest("Images cannot be read here: this model reads text only.")
