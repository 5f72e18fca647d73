"""URL configuration of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from ninja.openapi.docs import Redoc, Swagger

from compat_api.http import docs_pages
from compat_api.lightrag.api import lightrag
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from lightrag_site.observability import metrics, readiness

admin.autodiscover()
lightrag.include_in_schema("Ollama", ollama)

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("metrics", metrics.metrics, name="metrics"),
    path("ready", readiness.ready, name="ready"),
    path("webui/", include("compat_api.webui.urls")),
    path("resources/", include("compat_api.rest.urls")),
    path("docs", docs_pages.page(lightrag, Swagger()), name="docs"),
    path("redoc", docs_pages.page(lightrag, Redoc()), name="redoc"),
    path("", lightrag.urls),
    path("", openai.urls),
    path("", ollama.urls),
]
