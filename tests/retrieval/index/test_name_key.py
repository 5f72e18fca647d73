"""Tests of the keys of names."""

from __future__ import annotations

import pytest

from retrieval.index import name_key


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("iPhone", "IPHONE"),
        ("ＡＢＣ", "ABC"),
        ("Côte d'Ivoire", "Cote d’Ivoire"),
        ("Hanna-Barbera", "Hanna Barbera"),
        ("U.S.A.", "USA"),
        ("1,234 people", "1234 people"),
    ],
)
def test_spellings_share_a_key(name: str, other: str) -> None:
    assert name_key.spelling(name) == name_key.spelling(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("The Beatles", "Beatles"),
        ("statin", "Statins"),
        ("biopsies", "biopsy"),
        ("box", "boxes"),
    ],
)
def test_articles_and_plurals_share_a_key(name: str, other: str) -> None:
    assert name_key.key(name) == name_key.key(other)
    assert name_key.spelling(name) != name_key.spelling(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [("iPhone 12", "iPhone 13"), ("virus", "vira"), ("Paris", "Pari"), ("C++", "D")],
)
def test_different_names_have_different_keys(name: str, other: str) -> None:
    assert name_key.key(name) != name_key.key(other)


def test_other_scripts_keep_their_letters() -> None:
    assert name_key.key("居里夫人") == "居里夫人"
    assert name_key.key("が") == "が"
    assert name_key.key("й") != name_key.key("и")


@pytest.mark.parametrize("name", ["", "+++", "the", "A"])
def test_any_name_has_a_key(name: str) -> None:
    assert isinstance(name_key.key(name), str)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("世界衛生組織", "世界卫生组织"),
        ("World Health Organization (WHO)", "World Health Organization"),
        ("United States of America (U.S.A.)", "the United States of America"),
    ],
)
def test_scripts_and_abbreviations_in_brackets_share_a_key(
    name: str, other: str
) -> None:
    assert name_key.key(name) == name_key.key(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mercury (planet)", "Mercury"),
        ("Paris (Texas)", "Paris"),
        ("Pro (P)", "Pro"),
        ("iPhone 12 (Pro)", "iPhone 12"),
    ],
)
def test_other_text_in_brackets_changes_the_key(name: str, other: str) -> None:
    assert name_key.key(name) != name_key.key(other)


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("WHO", "World Health Organization", True),
        ("DoD", "Department of Defense", True),
        ("AT&T", "American Telephone & Telegraph", True),
        ("who", "World Health Organization", False),
        ("WH", "World Health Organization", False),
        ("P", "Paris", False),
    ],
)
def test_an_abbreviation_is_made_of_initials(
    short: str, long: str, expected: bool
) -> None:
    assert name_key.abbreviates(short, long) is expected
