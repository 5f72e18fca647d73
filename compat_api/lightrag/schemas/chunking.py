"""The `chunking` object of texts: a strategy and its parameters."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Separator = Annotated[str, Field(max_length=256)]
Strategy = Literal[
    "fixed_token",
    "recursive_character",
    "semantic_vector",
    "paragraph_semantic",
    "custom",
]


class Params(BaseModel):
    """Parameters of every strategy; other keys are rejected."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chunk_token_size: int | None = Field(None, ge=1)


class OverlapParams(Params):
    """Parameters of strategies whose chunks may overlap."""

    chunk_overlap_token_size: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def overlap_is_smaller(self) -> OverlapParams:
        """Raise ValueError unless the overlap is smaller than a chunk."""
        size, overlap = self.chunk_token_size, self.chunk_overlap_token_size
        if size is not None and overlap is not None and overlap >= size:
            raise ValueError("chunk_overlap_token_size must be < chunk_token_size")
        return self


class FixedParams(OverlapParams):
    """Windows of tokens; with a separator, windows within the separated parts."""

    split_by_character: str | None = None
    split_by_character_only: bool | None = None


class RecursiveParams(OverlapParams):
    """Separators from coarse to fine."""

    separators: list[Separator] | None = Field(None, max_length=64)


class ParagraphParams(OverlapParams):
    """Blocks of text under headings."""

    drop_references: bool | None = None


class SemanticParams(Params):
    """Sentences, separated where their vectors differ."""

    breakpoint_threshold_type: (
        Literal["percentile", "standard_deviation", "interquartile", "gradient"] | None
    ) = None
    breakpoint_threshold_amount: float | None = Field(None, gt=0, allow_inf_nan=False)
    buffer_size: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def amount_is_a_percentage(self) -> SemanticParams:
        """Raise ValueError for a percentile above 100."""
        is_percentile = self.breakpoint_threshold_type in (
            None,
            "percentile",
            "gradient",
        )
        if is_percentile and (self.breakpoint_threshold_amount or 0) > 100:
            raise ValueError(
                "breakpoint_threshold_amount must be within (0, 100] for "
                "percentile/gradient"
            )
        return self


PARAMS: dict[Strategy, type[Params]] = {
    "fixed_token": FixedParams,
    "custom": FixedParams,
    "recursive_character": RecursiveParams,
    "paragraph_semantic": ParagraphParams,
    "semantic_vector": SemanticParams,
}


class TextChunkingConfig(BaseModel):
    """How a text is split into chunks; omitted values are the server's settings."""

    model_config = ConfigDict(extra="forbid")

    strategy: Strategy = "fixed_token"
    params: dict[str, Any] = {}

    @model_validator(mode="after")
    def params_fit_strategy(self) -> TextChunkingConfig:
        """Validate the parameters; errors have the location `chunking.<key>`."""
        params = PARAMS[self.strategy].model_validate(self.params)
        self.params = params.model_dump(exclude_none=True)
        return self

    def options(self) -> dict[str, Any]:
        """Return the options that are stored with the document."""
        return {"strategy": self.strategy, "params": self.params}
