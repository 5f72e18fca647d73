"""The `chunking` object of texts: a strategy, and parameters strict by strategy."""

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
    """What every strategy takes; other keys are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chunk_token_size: int | None = Field(None, ge=1)


class OverlapParams(Params):
    """What a strategy takes whose chunks may overlap."""

    chunk_overlap_token_size: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def overlap_is_smaller(self) -> OverlapParams:
        """An overlap of a whole chunk would never come to an end."""
        size, overlap = self.chunk_token_size, self.chunk_overlap_token_size
        if size is not None and overlap is not None and overlap >= size:
            raise ValueError("chunk_overlap_token_size must be < chunk_token_size")
        return self


class FixedParams(OverlapParams):
    """Windows of tokens, within pieces where a separator is given."""

    split_by_character: str | None = None
    split_by_character_only: bool | None = None


class RecursiveParams(OverlapParams):
    """Separators from coarse to fine."""

    separators: list[Separator] | None = Field(None, max_length=64)


class ParagraphParams(OverlapParams):
    """Blocks under headings."""

    drop_references: bool | None = None


class SemanticParams(Params):
    """Sentences, cut where their vectors part."""

    breakpoint_threshold_type: (
        Literal["percentile", "standard_deviation", "interquartile", "gradient"] | None
    ) = None
    breakpoint_threshold_amount: float | None = Field(None, gt=0, allow_inf_nan=False)
    buffer_size: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def amount_is_a_percentage(self) -> SemanticParams:
        """Percentiles end at 100."""
        of_percentiles = self.breakpoint_threshold_type in (
            None,
            "percentile",
            "gradient",
        )
        if of_percentiles and (self.breakpoint_threshold_amount or 0) > 100:
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
    """How a text is cut up; what is left open is the server's own setting."""

    model_config = ConfigDict(extra="forbid")

    strategy: Strategy = "fixed_token"
    params: dict[str, Any] = {}

    @model_validator(mode="after")
    def params_fit_strategy(self) -> TextChunkingConfig:
        """Errors are located at `chunking.<key>`, as upstream's."""
        checked = PARAMS[self.strategy].model_validate(self.params)
        self.params = checked.model_dump(exclude_none=True)
        return self

    def options(self) -> dict[str, Any]:
        """What is stored with the document."""
        return {"strategy": self.strategy, "params": self.params}
