"""Customization bundles: reading and validation."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from compat_api.branding import bundle
from compat_api.branding.bundle import InvalidBundle
from tests.compat_api.branding.bundles import MANIFEST, folder


def test_texts_are_read_by_language(tmp_path: Path) -> None:
    brands = bundle.read(folder(tmp_path))
    assert brands is not None
    english, arabic = brands.texts["en"], brands.texts["ar"]
    assert (english.welcome, english.agreements) == ("# Welcome", "Be kind.")
    assert english.consent_required
    assert not arabic.consent_required


def test_language_overrides_logo_and_copyright_of_the_brand(
    tmp_path: Path,
) -> None:
    brands = bundle.read(folder(tmp_path))
    assert brands is not None
    english, arabic = brands.texts["en"], brands.texts["ar"]
    assert english.logo and arabic.logo
    assert (english.logo.media_type, arabic.logo.media_type) == (
        "image/png",
        "image/svg+xml",
    )
    assert (english.copyright, arabic.copyright) == ("© Our house", None)


def test_language_falls_back_to_its_fallback_or_the_default(tmp_path: Path) -> None:
    brands = bundle.read(folder(tmp_path))
    assert brands is not None
    assert [brands.choose(tag) for tag in ("ar", "fa", "de")] == ["ar", "ar", "en"]


def test_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    assert bundle.read(tmp_path) is None


def changed(*path: str, to: Any) -> dict[str, Any]:
    """Return the manifest with one changed value."""
    manifest = deepcopy(MANIFEST)
    inner = manifest
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return manifest


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (changed("schema_version", to=2), "schema_version"),
        (changed("colour", to="red"), "colour: Extra inputs"),
        (changed("default_locale", to="de"), "de is not one of the locales"),
        (changed("fallbacks", "fa", to=["de"]), "de is not one of the locales"),
        (changed("fallbacks", "fa", to=[]), "fallbacks.fa"),
        (changed("locales", to={}), "locales"),
        (changed("locales", "EN", to=MANIFEST["locales"]["en"]), "must be written en"),
        (changed("locales", "en", "logo_alt", to=" "), "must not be blank"),
        (changed("locales", "en", "welcome", to="../out.md"), "outside of the folder"),
        (
            changed("locales", "en", "welcome", to="/etc/passwd"),
            "outside of the folder",
        ),
        (changed("locales", "en", "welcome", to="en/nothing.md"), "file not found"),
        (changed("locales", "en", "welcome", to="logo.png"), "is not UTF-8"),
        (changed("brand", "logo", to="en/welcome.md"), "is not a PNG"),
        (changed("brand", to={}), "brand.logo"),
    ],
)
def test_error_names_the_invalid_field(
    tmp_path: Path, manifest: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidBundle, match=reason) as caught:
        bundle.read(folder(tmp_path, manifest))
    assert str(caught.value).startswith("UI_TEMPLATES_DIR: ")


def test_empty_agreement_is_invalid(tmp_path: Path) -> None:
    (folder(tmp_path) / "en" / "terms.md").write_text("  \n")
    with pytest.raises(InvalidBundle, match=r"en/terms\.md is empty"):
        bundle.read(tmp_path)


def test_file_size_is_limited(tmp_path: Path) -> None:
    (folder(tmp_path) / "en" / "terms.md").write_text("x" * (bundle.MAX_TEXT_BYTES + 1))
    with pytest.raises(InvalidBundle, match=r"en/terms\.md is larger than 65536 bytes"):
        bundle.read(tmp_path)


def test_link_out_of_the_folder_is_invalid(tmp_path: Path) -> None:
    path = folder(tmp_path / "bundle")
    (tmp_path / "secret.md").write_text("A secret.")
    (path / "en" / "welcome.md").unlink()
    (path / "en" / "welcome.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(InvalidBundle, match="is outside"):
        bundle.read(path)


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidBundle, match="folder not found"):
        bundle.read(tmp_path / "nowhere")


def test_invalid_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InvalidBundle, match=r"manifest\.json: Invalid JSON"):
        bundle.read(tmp_path)
