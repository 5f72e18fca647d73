"""The Ollama dialect, at `/api`."""

from __future__ import annotations

from compat_api.auth.permissions import ADMIN
from compat_api.http import openapi
from compat_api.http.clean_input import CleaningParser
from compat_api.http.dialect_api import DialectAPI
from compat_api.ollama import chat, embed, errors, models
from compat_api.versions import CORE_VERSION

ollama = DialectAPI(
    title="LightRAG for Ollama's clients",
    version=CORE_VERSION,
    urls_namespace="ollama",
    docs_url=None,
    openapi_url=None,
    parser=CleaningParser(),
    auth=ADMIN,
)
ollama.dialect = openapi.OLLAMA
errors.install(ollama)
for routes in (models, chat, embed):
    ollama.add_router("api", routes.router)
