"""A customisation as it was read: the words and logos of LightRAG's pages.

Read once, whole: what is broken stops the server at its start, since words of LightRAG's
would otherwise stand where a customer believes his own.
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
MOST_TEXT = 64 * 1024
MOST_LOGO = 2 * 1024 * 1024
BRAND_LOGO = "brand-logo"
KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (
        re.compile(
            rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*<svg[\s>]",
            re.DOTALL,
        ),
        "image/svg+xml",
    ),
)
"""Images by how they begin, whatever their names say."""


class BrokenBundle(ImproperlyConfigured):
    """UI_TEMPLATES_DIR cannot be used; the server does not start."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"UI_TEMPLATES_DIR: {reason}")


@dataclass(frozen=True, slots=True)
class Logo:
    """An image; its address holds `digest`, so it may be kept for ever."""

    asset_id: str
    digest: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages say in one language; Markdown but for the short ones."""

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
        """Whether one must agree before logging in: to a text, on a page that speaks."""
        return self.login is not None and self.agreements is not None


@dataclass(frozen=True, slots=True)
class Bundle:
    """All languages."""

    default: str
    words: Mapping[str, Words]
    fallbacks: Mapping[str, list[str]]

    def choose(self, asked: str) -> str:
        """The language for a normalised tag: its own, its fallback, or the default."""
        if asked in self.words:
            return asked
        return next(iter(self.fallbacks.get(asked, ())), self.default)

    def logo(self, digest: str, asset_id: str) -> Logo | None:
        """Only by both names."""
        logos = (one.logo for one in self.words.values() if one.logo)
        found = (x for x in logos if (x.digest, x.asset_id) == (digest, asset_id))
        return next(found, None)


def of_site() -> Bundle | None:
    """What UI_TEMPLATES_DIR holds; None where it is not set, or an empty mount."""
    folder = settings.LIGHTRAG.server.ui_templates_dir
    return read(folder) if folder else None


@cache
def read(folder: Path) -> Bundle | None:
    """Raises BrokenBundle. A folder without a manifest has nothing to say yet."""
    if not folder.is_dir():
        raise BrokenBundle(f"there is no folder {folder}")
    path = folder / MANIFEST
    if not path.exists() and not path.is_symlink():
        return None
    try:
        manifest = Manifest.model_validate_json(_bytes(folder, MANIFEST, MOST_TEXT))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or MANIFEST
        raise BrokenBundle(f"{where}: {first['msg']}") from None
    return _Reader(folder, manifest).bundle()


class _Reader:
    """Reads the files that a manifest names, and no others."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest

    def bundle(self) -> Bundle:
        brand = self._logo(self._manifest.brand.logo, BRAND_LOGO)
        words = {
            tag: self._words(tag, files, brand)
            for tag, files in self._manifest.locales.items()
        }
        manifest = self._manifest
        return Bundle(manifest.default_locale, words, manifest.fallbacks or {})

    def _words(self, tag: str, files: LocaleFiles, brand: Logo | None) -> Words:
        own = files.model_fields_set
        notice = files if "copyright" in own else self._manifest.brand
        return Words(
            welcome=self._text(files.welcome),
            query_empty=self._text(files.query_empty),
            logo_alt=files.logo_alt,
            logo=self._logo(files.logo, f"logo-{tag}") if "logo" in own else brand,
            login=self._said(files.login),
            agreements=self._said(files.agreements),
            consent_documents=files.consent_documents,
            copyright=(notice.copyright or "").strip() or None,
        )

    def _said(self, name: str | None) -> str | None:
        """A text that asks something of people; an empty one is a mistake."""
        text = self._text(name) if name else None
        if text is not None and not text.strip():
            raise BrokenBundle(f"{name} is empty")
        return text

    def _text(self, name: str) -> str:
        try:
            return _bytes(self._folder, name, MOST_TEXT).decode()
        except UnicodeDecodeError:
            raise BrokenBundle(f"{name} is not UTF-8") from None

    def _logo(self, name: str | None, asset_id: str) -> Logo | None:
        if name is None:
            return None
        content = _bytes(self._folder, name, MOST_LOGO)
        kind = next((kind for begins, kind in KINDS if begins.match(content)), None)
        if kind is None:
            raise BrokenBundle(f"{name} is no PNG, JPEG, WebP or SVG image")
        return Logo(asset_id, hashlib.sha256(content).hexdigest(), kind, content)


def _bytes(folder: Path, name: str, most: int) -> bytes:
    """Of a file inside the folder; raises BrokenBundle for any other, and a large one."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BrokenBundle(f"{name} leads out of the folder")
    if not path.is_file():
        raise BrokenBundle(f"there is no file {name}")
    if path.stat().st_size > most:
        raise BrokenBundle(f"{name} has more than {most} bytes")
    return path.read_bytes()
