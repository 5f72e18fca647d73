"""`/ui/customization`: texts and logos of LightRAG's pages, served without login."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from ninja import Router
from ninja.errors import HttpError

from compat_api.branding import bundle, locales
from compat_api.branding.bundle import Bundle, Texts

router = Router(tags=["default"])
IMMUTABLE = "public, max-age=31536000, immutable"
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Prevents scripts in an SVG from running when the SVG is opened as a page."""


@router.get("/ui/customization", auth=None, response=dict[str, Any])
def customization(
    request: HttpRequest, response: HttpResponse, locale: str = ""
) -> dict[str, Any]:
    """Return the texts and logos in the available language closest to `locale`."""
    response["Cache-Control"] = "no-store"
    site_bundle = bundle.of_site()
    if site_bundle is None:
        return {"customized": False, "brand": brand()}
    try:
        requested = locales.normalize(locale) if locale.strip() else site_bundle.default
    except ValueError as error:
        raise HttpError(400, str(error)) from None
    return customized(site_bundle, requested)


@router.get("/ui/customization/assets/{asset_hash}/{asset_id}", auth=None)
def customization_asset(
    request: HttpRequest, asset_hash: str, asset_id: str
) -> HttpResponse:
    """Return a logo. It can be cached forever: a changed image has another URL."""
    site_bundle = bundle.of_site()
    logo = site_bundle.logo(asset_hash, asset_id) if site_bundle else None
    if logo is None:
        raise HttpError(404, "Unknown asset")
    headers = {
        "Cache-Control": IMMUTABLE,
        "Content-Security-Policy": NO_SCRIPTS,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(logo.content, content_type=logo.media_type, headers=headers)


def brand() -> dict[str, Any]:
    """Return the server's title and description, which a bundle cannot change."""
    server = settings.LIGHTRAG.server
    title = server.webui_title or "LightRAG"
    return {"title": title, "description": server.webui_description}


def customized(site_bundle: Bundle, requested: str) -> dict[str, Any]:
    """Return the texts in the requested language, in LightRAG's format."""
    chosen = site_bundle.choose(requested)
    texts = site_bundle.texts[chosen]
    return {
        "customized": True,
        "requested_locale": requested,
        "locale": chosen,
        "fallback_used": chosen != requested,
        "direction": locales.direction(chosen),
        "brand": brand() | logo(texts) | {"copyright": texts.copyright},
        "welcome": markdown(texts.welcome),
        "query_empty": markdown(texts.query_empty),
        "login": markdown(texts.login),
        "agreements": markdown(texts.agreements),
        "consent_documents": texts.consent_documents,
        "consent_required": texts.consent_required,
    }


def logo(texts: Texts) -> dict[str, str | None]:
    """Return the URL and the alternative text of the logo, or None for both."""
    if texts.logo is None:
        return {"logo_url": None, "logo_alt": None}
    path = f"ui/customization/assets/{texts.logo.digest}/{texts.logo.asset_id}"
    return {"logo_url": f"{get_script_prefix()}{path}", "logo_alt": texts.logo_alt}


def markdown(text: str | None) -> dict[str, str] | None:
    """Return the text as a Markdown object, or None without a text."""
    return None if text is None else {"format": "markdown", "content": text}
