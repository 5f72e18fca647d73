"""Chunking options: those of the upload override the configured ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from documents.errors import InvalidChunking

SEPARATORS = ("\n\n", "\n", "。", "！", "？", "；", "，", ". ", " ")
"""Coarse to fine; after the last, any character."""

OVERLAPPING = {"chunk_token_size", "chunk_overlap_token_size"}
PARAMETERS = {
    "fixed_token": OVERLAPPING | {"split_by_character", "split_by_character_only"},
    "recursive_character": OVERLAPPING | {"separators"},
    "paragraph_semantic": OVERLAPPING | {"drop_references"},
    "semantic_vector": {
        "chunk_token_size",
        "breakpoint_threshold_type",
        "breakpoint_threshold_amount",
        "buffer_size",
    },
}
"""Which of a request's parameters each strategy takes (docs/lightrag.md A.2)."""
FIELDS = {"chunk_token_size": "size", "chunk_overlap_token_size": "overlap"}
"""Where a parameter's name is not its field's."""
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
BREAKPOINTS = ("percentile", "standard_deviation", "interquartile", "gradient")


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """Sizes are in o200k tokens."""

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
        """What `settings.LIGHTRAG.ingest` says."""
        ingest = settings.LIGHTRAG.ingest
        return cls(ingest.chunk_strategy, ingest.chunk_size, ingest.chunk_overlap)

    @classmethod
    def from_request(cls, request: Mapping[str, Any] | None) -> ChunkOptions:
        """From a request's `{"strategy", "params"}`; what it leaves out is configured.

        Raises InvalidChunking, naming the field.
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
        """As upstream puts it in a document's metadata, `chunk_opts`."""
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
            raise _bad(strategy, f"{key} is not taken")
        if not _is(value, TYPES[key]):
            raise _bad(strategy, f"{key} cannot be {value!r}")


def _is(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _check_values(options: ChunkOptions) -> None:
    wrong = next((message for message, bad in _rules(options) if bad), None)
    if wrong:
        raise _bad(options.strategy, wrong)


def _rules(options: ChunkOptions) -> list[tuple[str, bool]]:
    amount = options.breakpoint_threshold_amount
    kind = options.breakpoint_threshold_type
    size, overlap = options.size, options.overlap
    of_percentiles = kind in {"percentile", "gradient"}
    return [
        ("chunk_token_size must be >= 1", size < 1),
        ("chunk_overlap_token_size must be >= 0", overlap < 0),
        (
            f"effective chunk_overlap_token_size ({overlap}) must be < "
            f"chunk_token_size ({size}). What a request leaves out is inherited from "
            "CHUNK_SIZE and CHUNK_OVERLAP_SIZE.",
            options.strategy != "semantic_vector" and overlap >= size,
        ),
        (
            "separators must be text, 64 at most, of 256 characters at most",
            not _good_separators(options.separators),
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
            of_percentiles and (amount or 0) > 100,
        ),
        ("buffer_size must be >= 1", options.buffer_size < 1),
    ]


def _good_separators(separators: Sequence[object]) -> bool:
    return len(separators) <= 64 and all(
        isinstance(separator, str) and len(separator) <= 256 for separator in separators
    )


def _bad(strategy: str, why: str) -> InvalidChunking:
    return InvalidChunking(
        f"Invalid chunking configuration: chunking for strategy '{strategy}': {why}"
    )
