"""A customization bundle in two languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n and the rest"
SVG = b'<?xml version="1.0"?>\n<!-- ours -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'
ENGLISH = {
    "welcome": "en/welcome.md",
    "query_empty": "en/empty.md",
    "logo_alt": "Our house",
    "login": "en/login.md",
    "agreements": "en/terms.md",
    "consent_documents": "Terms of Service",
}
ARABIC = {
    "welcome": "ar/welcome.md",
    "query_empty": "en/empty.md",
    "logo_alt": "بيتنا",
    "logo": "ar/logo.svg",
    "copyright": None,
}
MANIFEST: dict[str, Any] = {
    "schema_version": 1,
    "default_locale": "en",
    "fallbacks": {"fa": ["ar", "en"]},
    "brand": {"logo": "logo.png", "copyright": "© Our house"},
    "locales": {"en": ENGLISH, "ar": ARABIC},
}
FILES = {
    "en/welcome.md": b"# Welcome",
    "en/empty.md": b"Ask us.",
    "en/login.md": b"For members.",
    "en/terms.md": b"Be kind.",
    "ar/welcome.md": "# مرحبا".encode(),
    "ar/logo.svg": SVG,
    "logo.png": PNG,
}


def folder(root: Path, manifest: Any = None) -> Path:
    """Write a bundle to `folder`, with this manifest."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "manifest.json").write_text(json.dumps(manifest or MANIFEST))
    return root
