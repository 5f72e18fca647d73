"""Conformance with the operations of LightRAG 1.4.4 and 1.5.7, except listed differences."""

from __future__ import annotations

from typing import Any

import pytest

from compat_api.lightrag.api import lightrag
from lightrag_site import urls
from tests.compat_api import contract
from tests.compat_api.conformance import TIGHTER, VERSIONS
from tests.compat_api.contract import Schema

EVERYWHERE = "query api_key_header_value"
"""In LightRAG's schema a parameter of every operation, here a security scheme."""


@pytest.fixture(scope="module")
def our_operations() -> dict[str, Schema]:
    assert urls.urlpatterns  # it includes the operations of Ollama's API
    return contract.operations(lightrag.get_openapi_schema(path_prefix=""))


def test_all_operations_of_lightrag_are_listed(
    our_operations: dict[str, Schema],
) -> None:
    theirs = {name for version in VERSIONS for name in contract.load(version)}
    assert len(theirs) == 48
    assert theirs <= set(our_operations)


def lightrag_operations() -> list[Any]:
    return [
        pytest.param(name, operation, id=f"{version} {name}")
        for version in VERSIONS
        for name, operation in contract.load(version).items()
    ]


@pytest.mark.parametrize(("name", "operation"), lightrag_operations())
def test_operation_has_the_same_parameters(
    our_operations: dict[str, Schema], name: str, operation: Schema
) -> None:
    ours = our_operations[name]["parameters"]
    for parameter, expected in operation["parameters"].items():
        if parameter != EVERYWHERE:
            assert ours[parameter] == expected


@pytest.mark.parametrize(("name", "operation"), lightrag_operations())
def test_operation_has_the_same_body(
    our_operations: dict[str, Schema], name: str, operation: Schema
) -> None:
    ours = our_operations[name]["body"]
    assert set(ours) >= set(operation["body"])
    for field, expected in operation["body"].items():
        if field not in TIGHTER:
            assert not refusals(ours[field], expected), field


@pytest.mark.parametrize(("name", "operation"), lightrag_operations())
def test_response_has_the_same_fields(
    our_operations: dict[str, Schema], name: str, operation: Schema
) -> None:
    assert set(our_operations[name]["answer"]) >= set(operation["answer"])


def refusals(ours: Schema, expected: Schema) -> set[str]:
    """Return the constraints of `ours` that `expected` does not have."""
    constraints: set[str] = {
        bound
        for bound in ("maximum", "maxLength", "maxItems")
        if bound in ours and ours[bound] < expected.get(bound, float("inf"))
    }
    constraints |= {
        bound
        for bound in ("minimum", "minLength", "minItems")
        if bound in ours and ours[bound] > expected.get(bound, 0)
    }
    if not set(ours["types"]) >= set(expected["types"]):
        constraints.add("types")
    if "enum" in ours and not set(ours["enum"]) >= set(expected.get("enum", [None])):
        constraints.add("enum")
    if ours.get("required") and not expected.get("required"):
        constraints.add("required")
    return constraints
