from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from documents.chunking import ChunkOptions
from documents.errors import InvalidChunking


def test_options_default_to_the_configuration(settings: Settings) -> None:
    ingest = replace(
        settings.LIGHTRAG.ingest,
        chunk_size=800,
        chunk_overlap=50,
        chunk_strategy="fixed_token",
    )
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    assert ChunkOptions.from_request({}) == ChunkOptions("fixed_token", 800, 50)
    assert ChunkOptions.from_request(None).summary == (
        "size=800, split_only=False, overlap=50"
    )


def test_a_request_overrides_the_configuration() -> None:
    request = {
        "strategy": "recursive_character",
        "params": {"chunk_token_size": 300, "separators": ["\n", "|"]},
    }
    options = ChunkOptions.from_request(request)
    assert (options.size, options.overlap) == (300, 100)
    assert options.separators == ("\n", "|")


@pytest.mark.parametrize(
    ("strategy", "params", "reason"),
    [
        ("custom", {}, "'custom' is not available"),
        ("fixed_token", {"foo": 1}, "foo is not a parameter"),
        (
            "fixed_token",
            {"drop_references": True},
            "drop_references is not a parameter",
        ),
        (
            "fixed_token",
            {"chunk_token_size": "8"},
            "chunk_token_size has the wrong type: '8'",
        ),
        (
            "fixed_token",
            {"chunk_token_size": True},
            "chunk_token_size has the wrong type: True",
        ),
        ("fixed_token", {"chunk_token_size": 0}, "chunk_token_size must be >= 1"),
        ("fixed_token", {"chunk_overlap_token_size": -1}, "must be >= 0"),
        (
            "fixed_token",
            {"split_by_character_only": 1},
            "split_by_character_only has the wrong type",
        ),
        ("recursive_character", {"separators": ["x"] * 65}, "separators must be"),
        ("recursive_character", {"separators": [1]}, "separators must be"),
        ("semantic_vector", {"chunk_overlap_token_size": 1}, "is not a parameter"),
        ("semantic_vector", {"breakpoint_threshold_type": "x"}, "must be one of"),
        ("semantic_vector", {"breakpoint_threshold_amount": 0}, "must be > 0"),
        ("semantic_vector", {"breakpoint_threshold_amount": 101}, "must be <= 100"),
        ("semantic_vector", {"breakpoint_threshold_amount": float("nan")}, "must be"),
        ("semantic_vector", {"buffer_size": 0}, "buffer_size must be >= 1"),
    ],
)
def test_the_error_names_the_invalid_option(
    strategy: str, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidChunking, match=reason):
        ChunkOptions.from_request({"strategy": strategy, "params": params})


def test_the_error_for_a_default_overlap_that_is_too_large_names_both_values() -> None:
    request = {"strategy": "recursive_character", "params": {"chunk_token_size": 8}}
    with pytest.raises(
        InvalidChunking, match=r"\(100\) must be < chunk_token_size \(8\)"
    ):
        ChunkOptions.from_request(request)
