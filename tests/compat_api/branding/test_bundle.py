"""A customisation is read whole, or the server does not start."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from compat_api.branding import bundle
from compat_api.branding.bundle import BrokenBundle
from tests.compat_api.branding.making import MANIFEST, folder


def test_words_are_read_by_language(tmp_path: Path) -> None:
    found = bundle.read(folder(tmp_path))
    assert found is not None
    english, arabic = found.words["en"], found.words["ar"]
    assert (english.welcome, english.agreements) == ("# Welcome", "Be kind.")
    assert english.consent_required
    assert not arabic.consent_required


def test_a_logo_and_a_copyright_are_the_brand_s_unless_a_language_has_its_own(
    tmp_path: Path,
) -> None:
    found = bundle.read(folder(tmp_path))
    assert found is not None
    english, arabic = found.words["en"], found.words["ar"]
    assert english.logo and arabic.logo
    assert (english.logo.kind, arabic.logo.kind) == ("image/png", "image/svg+xml")
    assert (english.copyright, arabic.copyright) == ("© Our house", None)


def test_a_language_leads_to_its_fallback_or_to_the_default(tmp_path: Path) -> None:
    found = bundle.read(folder(tmp_path))
    assert found is not None
    assert [found.choose(tag) for tag in ("ar", "fa", "de")] == ["ar", "ar", "en"]


def test_an_empty_mount_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    assert bundle.read(tmp_path) is None


def changed(*path: str, to: Any) -> dict[str, Any]:
    """The manifest with one value changed."""
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
        (changed("default_locale", to="de"), "de is none of the locales"),
        (changed("fallbacks", "fa", to=["de"]), "de is none of the locales"),
        (changed("fallbacks", "fa", to=[]), "fallbacks.fa"),
        (changed("locales", to={}), "locales"),
        (changed("locales", "EN", to=MANIFEST["locales"]["en"]), "must be written en"),
        (changed("locales", "en", "logo_alt", to=" "), "must not be blank"),
        (changed("locales", "en", "welcome", to="../out.md"), "leads out"),
        (changed("locales", "en", "welcome", to="/etc/passwd"), "leads out"),
        (changed("locales", "en", "welcome", to="en/nothing.md"), "there is no file"),
        (changed("locales", "en", "welcome", to="logo.png"), "is not UTF-8"),
        (changed("brand", "logo", to="en/welcome.md"), "is no PNG"),
        (changed("brand", to={}), "brand.logo"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, manifest: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BrokenBundle, match=reason) as caught:
        bundle.read(folder(tmp_path, manifest))
    assert str(caught.value).startswith("UI_TEMPLATES_DIR: ")


def test_a_text_that_asks_for_consent_must_say_something(tmp_path: Path) -> None:
    (folder(tmp_path) / "en" / "terms.md").write_text("  \n")
    with pytest.raises(BrokenBundle, match=r"en/terms\.md is empty"):
        bundle.read(tmp_path)


def test_a_file_has_its_limit(tmp_path: Path) -> None:
    (folder(tmp_path) / "en" / "terms.md").write_text("x" * (bundle.MOST_TEXT + 1))
    with pytest.raises(BrokenBundle, match=r"en/terms\.md has more than 65536 bytes"):
        bundle.read(tmp_path)


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    place = folder(tmp_path / "bundle")
    (tmp_path / "secret.md").write_text("Nobody's business.")
    (place / "en" / "welcome.md").unlink()
    (place / "en" / "welcome.md").symlink_to(tmp_path / "secret.md")
    with pytest.raises(BrokenBundle, match="leads out"):
        bundle.read(place)


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BrokenBundle, match="there is no folder"):
        bundle.read(tmp_path / "nowhere")


def test_a_manifest_that_is_no_json_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(BrokenBundle, match=r"manifest\.json: Invalid JSON"):
        bundle.read(tmp_path)
