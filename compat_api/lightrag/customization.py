"""`/ui/customization`: the words and logos of LightRAG's pages, before any login."""

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
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""An SVG of these does nothing, also where it is opened as a page."""


@router.get("/ui/customization", auth=None, response=dict[str, Any])
def customization(
    request: HttpRequest, response: HttpResponse, locale: str = ""
) -> dict[str, Any]:
    """How LightRAG's pages look, in the language that comes nearest to `locale`."""
    response["Cache-Control"] = "no-store"
    found = bundle.of_site()
    if found is None:
        return {"customized": False, "brand": brand()}
    try:
        asked = locales.normalize(locale) if locale.strip() else found.default
    except ValueError as error:
        raise HttpError(400, str(error)) from None
    return customized(found, asked)


@router.get("/ui/customization/assets/{asset_hash}/{asset_id}", auth=None)
def customization_asset(
    request: HttpRequest, asset_hash: str, asset_id: str
) -> HttpResponse:
    """A logo, to be kept for ever: another image has another address."""
    found = bundle.of_site()
    logo = found.logo(asset_hash, asset_id) if found else None
    if logo is None:
        raise HttpError(404, "Unknown asset")
    headers = {
        "Cache-Control": KEPT_FOR_EVER,
        "Content-Security-Policy": INERT,
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(logo.content, content_type=logo.media_type, headers=headers)


def brand() -> dict[str, Any]:
    """The server's own names; a customisation cannot change them."""
    server = settings.LIGHTRAG.server
    title = server.webui_title or "LightRAG"
    return {"title": title, "description": server.webui_description}


def customized(found: Bundle, asked: str) -> dict[str, Any]:
    """Upstream's object of what is said to who asked for this language."""
    chosen = found.choose(asked)
    words = found.texts[chosen]
    return {
        "customized": True,
        "requested_locale": asked,
        "locale": chosen,
        "fallback_used": chosen != asked,
        "direction": locales.direction(chosen),
        "brand": brand() | logo(words) | {"copyright": words.copyright},
        "welcome": markdown(words.welcome),
        "query_empty": markdown(words.query_empty),
        "login": markdown(words.login),
        "agreements": markdown(words.agreements),
        "consent_documents": words.consent_documents,
        "consent_required": words.consent_required,
    }


def logo(words: Texts) -> dict[str, str | None]:
    """Where it is and what it shows; both or neither."""
    if words.logo is None:
        return {"logo_url": None, "logo_alt": None}
    path = f"ui/customization/assets/{words.logo.digest}/{words.logo.asset_id}"
    return {"logo_url": f"{get_script_prefix()}{path}", "logo_alt": words.logo_alt}


def markdown(text: str | None) -> dict[str, str] | None:
    """A text, or null where the language has none."""
    return None if text is None else {"format": "markdown", "content": text}
