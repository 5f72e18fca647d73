"""`/ui/customization`: a customer's texts and logos for LightRAG's pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat_api.branding import bundles
from tests.compat_api.conftest import Api, Configure


@pytest.fixture
def customised(api: Api, configure: Configure, tmp_path: Path) -> Api:
    configure(
        ui_templates_dir=bundles.folder(tmp_path / "templates"),
        webui_title="Our knowledge",
        webui_description="All of it",
    )
    return api


@pytest.mark.parametrize("locale", ["", "zh-TW", "zh_TW", "en-"])
def test_server_without_a_bundle_is_not_customised(api: Api, locale: str) -> None:
    answer = api.get("/ui/customization", locale=locale)
    assert answer.json() == {
        "customized": False,
        "brand": {"title": "LightRAG", "description": ""},
    }
    assert answer["Cache-Control"] == "no-store"


def test_texts_of_a_language_are_returned(customised: Api) -> None:
    answer = customised.get("/ui/customization", locale="en")
    content = answer.json()
    url = content["brand"].pop("logo_url")
    assert url.startswith("/ui/customization/assets/")
    assert content == {
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


def test_missing_language_gets_the_closest_one(customised: Api) -> None:
    content = customised.get("/ui/customization", locale="FA").json()
    assert (content["requested_locale"], content["locale"]) == ("fa", "ar")
    assert (content["fallback_used"], content["direction"]) == (True, "rtl")
    assert content["login"] is None
    assert content["consent_required"] is False


@pytest.mark.parametrize("locale", ["zh_TW", "en-"])
def test_invalid_locale_is_refused(customised: Api, locale: str) -> None:
    assert customised.get("/ui/customization", locale=locale).status_code == 400


def test_logo_is_cached_forever_and_runs_no_scripts(customised: Api) -> None:
    content = customised.get("/ui/customization", locale="ar").json()
    logo = customised.get(content["brand"]["logo_url"])
    assert logo.content == bundles.SVG
    assert logo["Content-Type"] == "image/svg+xml"
    assert logo["Cache-Control"] == "public, max-age=31536000, immutable"
    assert logo["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in logo["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["abc/brand-logo", "abc/..%2F..%2Fmanifest.json"])
def test_unknown_asset_is_not_found(customised: Api, path: str) -> None:
    answer = customised.get(f"/ui/customization/assets/{path}")
    assert answer.status_code == 404


def test_server_without_a_bundle_has_no_assets(api: Api) -> None:
    answer = api.get("/ui/customization/assets/abc/brand-logo")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Unknown asset"})
