"""The format of an answer: text, any JSON object, or JSON with a schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from retrieval.llm.base import JsonSchema


class SchemaFormat(BaseModel):
    """A JSON schema and its name."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(max_length=64)
    shape: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None

    def json_schema(self) -> JsonSchema:
        return JsonSchema(self.name, self.shape, bool(self.strict), ours=False)


class ResponseFormat(BaseModel):
    """`response_format` of chat completions."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["text", "json_object", "json_schema"]
    named: SchemaFormat | None = Field(None, alias="json_schema")

    def requested_schema(self) -> JsonSchema | None:
        return self.named.json_schema() if self.named else None


class TextFormat(BaseModel):
    """`text.format` of responses: `schema` is a field beside `name`."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["text", "json_object", "json_schema"]
    name: str = Field("answer", max_length=64)
    shape: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None

    def requested_schema(self) -> JsonSchema | None:
        if not self.shape:
            return None
        return JsonSchema(self.name, self.shape, bool(self.strict), ours=False)


def options(text_format: ResponseFormat | TextFormat | None) -> dict[str, Any]:
    """Return the model option for a JSON object without a schema."""
    is_object = text_format is not None and text_format.type == "json_object"
    return {"response_format": {"type": "json_object"}} if is_object else {}


def schema(text_format: ResponseFormat | TextFormat | None) -> JsonSchema | None:
    """Return the schema that the answer must follow, if there is one."""
    return (
        text_format.requested_schema()
        if text_format and text_format.type == "json_schema"
        else None
    )
