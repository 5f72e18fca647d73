"""Customization bundle: texts and logos for LightRAG's pages.

A bundle is read completely at the start. An error in it stops the server, because
LightRAG's own texts would otherwise appear in place of the customer's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError

from compat_api.branding.manifest import LocaleFiles, Manifest

MANIFEST = "manifest.json"
MAX_TEXT_BYTES = 64 * 1024
MAX_LOGO_BYTES = 2 * 1024 * 1024
BRAND_LOGO = "brand-logo"
SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (
        re.compile(
            rb"\A(?:\xef\xbb\xbf)?"
            rb"(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*+<svg[\s>]",
            re.DOTALL,
        ),
        "image/svg+xml",
    ),
)
"""Image types by their first bytes; file names are ignored."""


class InvalidBundle(ImproperlyConfigured):
    """UI_TEMPLATES_DIR is invalid, so the server does not start."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"UI_TEMPLATES_DIR: {reason}")


@dataclass(frozen=True, slots=True)
class Logo:
    """An image; its URL contains `digest`, so it can be cached without limit."""

    asset_id: str
    digest: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of the pages in one language; all but the short ones are Markdown."""

    welcome: str
    query_empty: str
    logo_alt: str
    logo: Logo | None = None
    login: str | None = None
    agreements: str | None = None
    consent_documents: str | None = None
    copyright: str | None = None

    @property
    def consent_required(self) -> bool:
        """Return whether users must accept the agreements before they log in."""
        return self.login is not None and self.agreements is not None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Texts and logos in all languages."""

    default: str
    texts: Mapping[str, Texts]
    fallbacks: Mapping[str, list[str]]

    def choose(self, tag: str) -> str:
        """Return the language for a normalized tag: itself, its fallback, or the default."""
        if tag in self.texts:
            return tag
        return next(iter(self.fallbacks.get(tag, ())), self.default)

    def logo(self, digest: str, asset_id: str) -> Logo | None:
        """Return the logo with this digest and asset id, or None."""
        logos = (texts.logo for texts in self.texts.values() if texts.logo)
        key = (digest, asset_id)
        return next((x for x in logos if (x.digest, x.asset_id) == key), None)


def of_site() -> Bundle | None:
    """Return the bundle in UI_TEMPLATES_DIR; None if it is not set or an empty folder."""
    folder = settings.LIGHTRAG.server.ui_templates_dir
    return read(folder) if folder else None


@cache
def read(folder: Path) -> Bundle | None:
    """Return the bundle, None for a folder without a manifest; raise InvalidBundle."""
    if not folder.is_dir():
        raise InvalidBundle(f"folder not found: {folder}")
    path = folder / MANIFEST
    if not path.exists() and not path.is_symlink():
        return None
    try:
        manifest = Manifest.model_validate_json(
            _bytes(folder, MANIFEST, MAX_TEXT_BYTES)
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        location = ".".join(map(str, first["loc"])) or MANIFEST
        raise InvalidBundle(f"{location}: {first['msg']}") from None
    return _Reader(folder, manifest).bundle()


class _Reader:
    """Reader of the files that a manifest names."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest

    def bundle(self) -> Bundle:
        brand = self._logo(self._manifest.brand.logo, BRAND_LOGO)
        texts = {
            tag: self._texts(tag, files, brand)
            for tag, files in self._manifest.locales.items()
        }
        manifest = self._manifest
        return Bundle(manifest.default_locale, texts, manifest.fallbacks or {})

    def _texts(self, tag: str, files: LocaleFiles, brand: Logo | None) -> Texts:
        own_fields = files.model_fields_set
        notice = files if "copyright" in own_fields else self._manifest.brand
        return Texts(
            welcome=self._text(files.welcome),
            query_empty=self._text(files.query_empty),
            logo_alt=files.logo_alt,
            logo=self._logo(files.logo, f"logo-{tag}")
            if "logo" in own_fields
            else brand,
            login=self._required_text(files.login),
            agreements=self._required_text(files.agreements),
            consent_documents=files.consent_documents,
            copyright=(notice.copyright or "").strip() or None,
        )

    def _required_text(self, name: str | None) -> str | None:
        """Return a text that must not be empty."""
        text = self._text(name) if name else None
        if text is not None and not text.strip():
            raise InvalidBundle(f"{name} is empty")
        return text

    def _text(self, name: str) -> str:
        try:
            return _bytes(self._folder, name, MAX_TEXT_BYTES).decode()
        except UnicodeDecodeError:
            raise InvalidBundle(f"{name} is not UTF-8") from None

    def _logo(self, name: str | None, asset_id: str) -> Logo | None:
        if name is None:
            return None
        content = _bytes(self._folder, name, MAX_LOGO_BYTES)
        media_type = next(
            (
                media_type
                for signature, media_type in SIGNATURES
                if signature.match(content)
            ),
            None,
        )
        if media_type is None:
            raise InvalidBundle(f"{name} is not a PNG, JPEG, WebP or SVG image")
        return Logo(asset_id, hashlib.sha256(content).hexdigest(), media_type, content)


def _bytes(folder: Path, name: str, limit: int) -> bytes:
    """Return the content of a file in the folder; raise InvalidBundle."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidBundle(f"{name} is outside of the folder")
    if not path.is_file():
        raise InvalidBundle(f"file not found: {name}")
    if path.stat().st_size > limit:
        raise InvalidBundle(f"{name} is larger than {limit} bytes")
    return path.read_bytes()
