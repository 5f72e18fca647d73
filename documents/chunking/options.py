"""Chunking options: those of a request override the configured ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from documents.errors import InvalidChunking

SEPARATORS = ("\n\n", "\n", "。", "！", "？", "；", "，", ". ", " ")
"""Ordered from coarse to fine; if none occurs, the text is divided between characters."""

SIZE_AND_OVERLAP = {"chunk_token_size", "chunk_overlap_token_size"}
PARAMETERS = {
    "fixed_token": SIZE_AND_OVERLAP | {"split_by_character", "split_by_character_only"},
    "recursive_character": SIZE_AND_OVERLAP | {"separators"},
    "paragraph_semantic": SIZE_AND_OVERLAP | {"drop_references"},
    "semantic_vector": {
        "chunk_token_size",
        "breakpoint_threshold_type",
        "breakpoint_threshold_amount",
        "buffer_size",
    },
}
"""The request parameters of each strategy (docs/lightrag.md A.2)."""
FIELDS = {"chunk_token_size": "size", "chunk_overlap_token_size": "overlap"}
"""Field names of the parameters whose names differ."""
TYPES: dict[str, tuple[type, ...]] = {
    "chunk_token_size": (int,),
    "chunk_overlap_token_size": (int,),
    "split_by_character": (str,),
    "split_by_character_only": (bool,),
    "separators": (list, tuple),
    "drop_references": (bool,),
    "breakpoint_threshold_type": (str,),
    "breakpoint_threshold_amount": (int, float),
    "buffer_size": (int,),
}
MAX_BUFFER = 100
"""Upper bound on `buffer_size`: each sentence is embedded with so many on both sides."""
BREAKPOINTS = ("percentile", "standard_deviation", "interquartile", "gradient")


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """A strategy and its parameters; sizes are in o200k tokens."""

    strategy: str = "fixed_token"
    size: int = 1200
    overlap: int = 100
    split_by_character: str = ""
    split_by_character_only: bool = False
    separators: tuple[str, ...] = SEPARATORS
    drop_references: bool = False
    breakpoint_threshold_type: str = "percentile"
    breakpoint_threshold_amount: float | None = None
    buffer_size: int = 1

    @classmethod
    def configured(cls) -> ChunkOptions:
        """Return the options of `settings.LIGHTRAG.ingest`."""
        ingest = settings.LIGHTRAG.ingest
        return cls(ingest.chunk_strategy, ingest.chunk_size, ingest.chunk_overlap)

    @classmethod
    def from_request(cls, request: Mapping[str, Any] | None) -> ChunkOptions:
        """Return the options of a request's `{"strategy", "params"}`.

        Missing values are the configured ones. Raises InvalidChunking, which names the
        field.
        """
        configured = cls.configured()
        if not request:
            return configured
        strategy = request.get("strategy") or configured.strategy
        params = request.get("params") or {}
        _check_params(strategy, params)
        fields = {FIELDS.get(key, key): value for key, value in params.items()}
        if "separators" in fields:
            fields["separators"] = tuple(fields["separators"])
        options = replace(configured, strategy=strategy, **fields)
        _check_values(options)
        return options

    @property
    def summary(self) -> str:
        """Return the value of `chunk_opts` in the metadata of a document, as in LightRAG."""
        only = self.split_by_character_only
        return f"size={self.size}, split_only={only}, overlap={self.overlap}"


def _check_params(strategy: str, params: Mapping[str, Any]) -> None:
    if strategy not in PARAMETERS:
        raise InvalidChunking(
            f"Invalid chunking configuration: strategy '{strategy}' is not available; "
            f"use {', '.join(PARAMETERS)}"
        )
    for key, value in params.items():
        if key not in PARAMETERS[strategy]:
            raise _invalid(strategy, f"{key} is not a parameter of this strategy")
        if not _has_type(value, TYPES[key]):
            raise _invalid(strategy, f"{key} has the wrong type: {value!r}")


def _has_type(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _check_values(options: ChunkOptions) -> None:
    errors = [message for message, violated in _rules(options) if violated]
    if errors:
        raise _invalid(options.strategy, errors[0])


def _rules(options: ChunkOptions) -> list[tuple[str, bool]]:
    amount = options.breakpoint_threshold_amount
    kind = options.breakpoint_threshold_type
    size, overlap = options.size, options.overlap
    is_percentile = kind in {"percentile", "gradient"}
    return [
        ("chunk_token_size must be >= 1", size < 1),
        ("chunk_overlap_token_size must be >= 0", overlap < 0),
        (
            f"effective chunk_overlap_token_size ({overlap}) must be < "
            f"chunk_token_size ({size}). The defaults of these parameters are "
            "CHUNK_OVERLAP_SIZE and CHUNK_SIZE.",
            options.strategy != "semantic_vector" and overlap >= size,
        ),
        (
            "separators must be at most 64 strings of at most 256 characters",
            not _valid_separators(options.separators),
        ),
        (
            f"breakpoint_threshold_type must be one of {BREAKPOINTS}",
            kind not in BREAKPOINTS,
        ),
        (
            "breakpoint_threshold_amount must be > 0",
            amount is not None and not amount > 0,
        ),
        (
            "breakpoint_threshold_amount must be <= 100",
            is_percentile and (amount or 0) > 100,
        ),
        ("buffer_size must be >= 1", options.buffer_size < 1),
        (f"buffer_size must be <= {MAX_BUFFER}", options.buffer_size > MAX_BUFFER),
    ]


def _valid_separators(separators: Sequence[object]) -> bool:
    return len(separators) <= 64 and all(
        isinstance(separator, str) and len(separator) <= 256 for separator in separators
    )


def _invalid(strategy: str, reason: str) -> InvalidChunking:
    return InvalidChunking(
        f"Invalid chunking configuration: chunking for strategy '{strategy}': {reason}"
    )
