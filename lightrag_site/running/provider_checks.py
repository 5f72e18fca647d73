"""A first request to each configured provider, so that a wrong setting is seen at start.

The requests are free: a list of models, or the program's version.
"""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lightrag_site.configuration.bindings import IN_PROCESS
from lightrag_site.configuration.config_classes import LightRAGConfig
from retrieval.llm.config import ChatConfig, EmbeddingConfig

TIMEOUT_SECONDS = 5.0
OLLAMA_HOST = "http://localhost:11434"
OPENAI_HOST = "https://api.openai.com/v1"
REJECTED = {401, 403}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProviderCheck:
    """A URL to request, and the settings of the provider behind it."""

    url: str
    api_key: str
    host_setting: str
    key_setting: str


def warn(config: LightRAGConfig) -> None:
    """Log a warning for each provider that can't be reached or rejects its key."""
    checks = list(dict.fromkeys(checks_of(config)))
    if not checks:
        return
    with ThreadPoolExecutor(len(checks)) as threads:
        for warning in filter(None, threads.map(problem, checks)):
            logger.warning("%s", warning)


def checks_of(config: LightRAGConfig) -> Iterator[ProviderCheck]:
    """Yield a check of each model whose binding has a URL for it."""
    roles = (
        (config.extract_llm, "LLM"),
        (config.keyword_llm, "KEYWORD_LLM"),
        (config.query_llm, "QUERY_LLM"),
        *([(config.vlm_llm, "VLM_LLM")] if config.ingest.vlm else ()),
        (config.embedding, "EMBEDDING"),
    )
    seen: set[tuple[str, str, str]] = set()
    for model, prefix in roles:
        provider = (model.binding, model.host, model.api_key)
        check = None if provider in seen else check_of(model, prefix)
        seen.add(provider)
        if check:
            yield check


def check_of(model: ChatConfig | EmbeddingConfig, prefix: str) -> ProviderCheck | None:
    """Return the check of a model; None if its binding has no free request."""
    settings = (f"{prefix}_BINDING_HOST", f"{prefix}_BINDING_API_KEY")
    if model.binding in IN_PROCESS:
        return None
    if model.binding == "ollama":
        host = (model.host or OLLAMA_HOST).rstrip("/")
        return ProviderCheck(f"{host}/api/version", model.api_key, *settings)
    if model.binding == "openai":
        host = (model.host or OPENAI_HOST).rstrip("/")
        return ProviderCheck(f"{host}/models", model.api_key, *settings)
    return None


def problem(check: ProviderCheck) -> str:
    """Return what is wrong with a provider, and what to change; "" if nothing is."""
    key = check.api_key
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        request = urllib.request.Request(check.url, headers=headers)  # noqa: S310
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code not in REJECTED:
            return ""  # the provider answers; it may not have this list
        return (
            f"The model's provider at {check.url} rejects the API key ({error.code}). "
            f"Set {check.key_setting} to a valid key and restart the server."
        )
    except (OSError, ValueError, http.client.HTTPException) as error:
        return (
            f"The model's provider can't be reached at {check.url}: "
            f"{str(error) or type(error).__name__}. Check {check.host_setting}, and check "
            "that the provider is running. Documents wait until it answers."
        )
    return ""
