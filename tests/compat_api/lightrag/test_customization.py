"""`/ui/customization`: a customer's words and logos for LightRAG's pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compat_api.branding import bundles
from tests.compat_api.conftest import Api

Configure = Callable[..., None]


@pytest.fixture
def customised(api: Api, configure: Configure, tmp_path: Path) -> Api:
    configure(
        ui_templates_dir=bundles.folder(tmp_path / "templates"),
        webui_title="Our knowledge",
        webui_description="All of it",
    )
    return api


@pytest.mark.parametrize("locale", ["", "zh-TW", "zh_TW", "en-"])
def test_nothing_is_customised_unless_it_is_asked_for(api: Api, locale: str) -> None:
    answer = api.get("/ui/customization", locale=locale)
    assert answer.json() == {
        "customized": False,
        "brand": {"title": "LightRAG", "description": ""},
    }
    assert answer["Cache-Control"] == "no-store"


def test_a_language_has_its_words(customised: Api) -> None:
    answer = customised.get("/ui/customization", locale="en")
    told = answer.json()
    address = told["brand"].pop("logo_url")
    assert address.startswith("/ui/customization/assets/")
    assert told == {
        "customized": True,
        "requested_locale": "en",
        "locale": "en",
        "fallback_used": False,
        "direction": "ltr",
        "brand": {
            "title": "Our knowledge",
            "description": "All of it",
            "logo_alt": "Our house",
            "copyright": "© Our house",
        },
        "welcome": {"format": "markdown", "content": "# Welcome"},
        "query_empty": {"format": "markdown", "content": "Ask us."},
        "login": {"format": "markdown", "content": "For members."},
        "agreements": {"format": "markdown", "content": "Be kind."},
        "consent_documents": "Terms of Service",
        "consent_required": True,
    }
    assert answer["Cache-Control"] == "no-store"


def test_another_language_gets_what_comes_nearest(customised: Api) -> None:
    told = customised.get("/ui/customization", locale="FA").json()
    assert (told["requested_locale"], told["locale"]) == ("fa", "ar")
    assert (told["fallback_used"], told["direction"]) == (True, "rtl")
    assert told["login"] is None
    assert told["consent_required"] is False


@pytest.mark.parametrize("locale", ["zh_TW", "en-"])
def test_what_is_no_language_is_refused(customised: Api, locale: str) -> None:
    assert customised.get("/ui/customization", locale=locale).status_code == 400


def test_a_logo_is_kept_for_ever_and_does_nothing(customised: Api) -> None:
    told = customised.get("/ui/customization", locale="ar").json()
    logo = customised.get(told["brand"]["logo_url"])
    assert logo.content == bundles.SVG
    assert logo["Content-Type"] == "image/svg+xml"
    assert logo["Cache-Control"] == "public, max-age=31536000, immutable"
    assert logo["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in logo["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["abc/brand-logo", "abc/..%2F..%2Fmanifest.json"])
def test_an_asset_nobody_named_is_unknown(customised: Api, path: str) -> None:
    answer = customised.get(f"/ui/customization/assets/{path}")
    assert answer.status_code == 404


def test_without_a_customisation_there_are_no_assets(api: Api) -> None:
    answer = api.get("/ui/customization/assets/abc/brand-logo")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Unknown asset"})
