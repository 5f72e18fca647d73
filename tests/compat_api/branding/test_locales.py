"""Language tags and their direction."""

from __future__ import annotations

import pytest

from compat_api.branding import locales


@pytest.mark.parametrize(
    ("written", "normalized"),
    [
        ("EN", "en"),
        ("zh-tw", "zh-TW"),
        ("ZH-hant-hk", "zh-Hant-HK"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
    ],
)
def test_tag_is_normalized(written: str, normalized: str) -> None:
    assert locales.normalize(written) == normalized


@pytest.mark.parametrize(
    "tag", ["", "x", "zh_TW", "en-", "12", "a b", "en" * 20, "中文"]
)
def test_invalid_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="Invalid locale"):
        locales.normalize(tag)


@pytest.mark.parametrize(
    ("tag", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("fa-IR", "rtl"),
        ("ku-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("ar-aao-Latn", "ltr"),
        ("ar-u-nu-latn", "rtl"),
    ],
)
def test_direction_follows_from_script_or_language(tag: str, direction: str) -> None:
    assert locales.direction(tag) == direction
