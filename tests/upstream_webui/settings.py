"""The site's settings, with LightRAG's own web UI in place of our pages."""

from __future__ import annotations

from lightrag_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.upstream_webui.urls"
