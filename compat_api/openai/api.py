"""The OpenAI dialect, at `/v1` and `/api/v1`."""

from __future__ import annotations

from compat_api.auth.permissions import ADMIN
from compat_api.http import openapi
from compat_api.http.clean_input import CleaningParser
from compat_api.http.dialect_api import DialectAPI
from compat_api.openai import chat, completions, embeddings, errors, models, responses
from compat_api.versions import CORE_VERSION

openai = DialectAPI(
    title="LightRAG for OpenAI's clients",
    version=CORE_VERSION,
    urls_namespace="openai",
    docs_url=None,
    openapi_url=None,
    parser=CleaningParser(),
    auth=ADMIN,
)
openai.dialect = openapi.OPENAI
errors.install(openai)
for prefix in ("v1", "api/v1"):
    for routes in (models, chat, completions, responses, embeddings):
        openai.add_router(prefix, routes.router, url_name_prefix=prefix)
