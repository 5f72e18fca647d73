"""Tags of languages, and which way they are written."""

from __future__ import annotations

import pytest

from compat_api.branding import locales


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("EN", "en"),
        ("zh-tw", "zh-TW"),
        ("ZH-hant-hk", "zh-Hant-HK"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
    ],
)
def test_a_tag_has_its_cases(written: str, meant: str) -> None:
    assert locales.normalised(written) == meant


@pytest.mark.parametrize(
    "tag", ["", "x", "zh_TW", "en-", "12", "a b", "en" * 20, "中文"]
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="Invalid locale"):
        locales.normalised(tag)


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
def test_a_script_says_which_way_or_else_the_language(tag: str, direction: str) -> None:
    assert locales.direction(tag) == direction
