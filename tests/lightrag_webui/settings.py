"""The settings of the site, with LightRAG's web UI instead of our pages."""

from __future__ import annotations

from lightrag_site.settings import *  # noqa: F403

ROOT_URLCONF = "tests.lightrag_webui.urls"
