"""Tests of the normalization of names and types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.extraction import entity_names
from graph.models import UNKNOWN_TYPE


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("  Marie   Curie\n", "Marie Curie"),
        ('"Marie Curie"', "Marie Curie"),
        ("「居里夫人」", "居里夫人"),
        ("『「居里」』", "居里"),
        ('"A" and "B"', '"A" and "B"'),
        ("ＡＢＣ　（１２３）", "ABC (123)"),
        ("Marie<br/>Curie</p>", "Marie Curie"),
        ("a\x00b\ud800", "a b"),
        ("12", ""),
        ("1.2", ""),
        ("1984", "1984"),
        ("B12", "B12"),
        ('""', ""),
        ("", ""),
    ],
)
def test_names_are_normalized(raw: str, name: str) -> None:
    assert entity_names.entity_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("Person", "person"),
        ("Natural Object", "naturalobject"),
        ("Person, Artist", "person"),
        ("人物", "人物"),
        ("Person/Artist", UNKNOWN_TYPE),
        ("<type>", UNKNOWN_TYPE),
        ("", UNKNOWN_TYPE),
        ("unknown", UNKNOWN_TYPE),
    ],
)
def test_types_are_normalized(raw: str, kind: str) -> None:
    assert entity_names.entity_type(raw) == kind


@given(st.text(max_size=600) | st.text(alphabet="\"'「」1.,　Ａ<br> 字", max_size=40))
def test_normalization_of_a_name_is_idempotent(raw: str) -> None:
    name = entity_names.entity_name(raw)
    assert entity_names.entity_name(name) == name


@given(st.text(max_size=600) | st.text(alphabet="字", min_size=200, max_size=600))
def test_a_name_fits_its_column_and_utf8(raw: str) -> None:
    name = entity_names.entity_name(raw)
    assert len(name) <= entity_names.MAX_CHARS
    assert len(name.encode()) <= entity_names.MAX_BYTES
    assert "\x00" not in name


@given(st.text(max_size=300))
def test_normalization_of_a_type_is_idempotent(raw: str) -> None:
    kind = entity_names.entity_type(raw)
    assert entity_names.entity_type(kind) == kind
    assert 0 < len(kind) <= 128
