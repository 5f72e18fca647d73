"""The form an answer shall have: text, any JSON, or JSON of a schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from retrieval.llm.base import JsonSchema


class SchemaFormat(BaseModel):
    """A schema and its name."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(max_length=64)
    shape: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None

    def known(self) -> JsonSchema:
        return JsonSchema(self.name, self.shape, bool(self.strict), ours=False)


class ResponseFormat(BaseModel):
    """`response_format` of chat completions."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["text", "json_object", "json_schema"]
    named: SchemaFormat | None = Field(None, alias="json_schema")

    def schema_wanted(self) -> JsonSchema | None:
        return self.named.known() if self.named else None


class TextFormat(BaseModel):
    """`text.format` of responses, where the schema stands beside its name."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["text", "json_object", "json_schema"]
    name: str = Field("answer", max_length=64)
    shape: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None

    def schema_wanted(self) -> JsonSchema | None:
        if not self.shape:
            return None
        return JsonSchema(self.name, self.shape, bool(self.strict), ours=False)


def options(form: ResponseFormat | TextFormat | None) -> dict[str, Any]:
    """What the model is told of a JSON object of any shape."""
    is_object = form is not None and form.type == "json_object"
    return {"response_format": {"type": "json_object"}} if is_object else {}


def schema(form: ResponseFormat | TextFormat | None) -> JsonSchema | None:
    """The schema the model is held to."""
    return form.schema_wanted() if form and form.type == "json_schema" else None
