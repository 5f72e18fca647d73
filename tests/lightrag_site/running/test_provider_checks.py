"""Warnings about providers at the start of the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.running import provider_checks
from retrieval.llm.config import ChatConfig, EmbeddingConfig


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        key = self.headers.get("Authorization")
        exists = self.path in ("/v1/models", "/api/version")
        status = 401 if key == "Bearer wrong" else 200 if exists else 404
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def warnings(
    caplog: pytest.LogCaptureFixture, *models: ChatConfig | EmbeddingConfig
) -> list[str]:
    config = LightRAGConfig()
    for model in models:
        if isinstance(model, EmbeddingConfig):
            config = replace(config, embedding=model)
        else:
            config = replace(config, extract_llm=model, query_llm=model)
    provider_checks.warn(config)
    return caplog.messages


def test_a_working_provider_gives_no_warning(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    openai = ChatConfig("openai", "m", f"{address}/v1", "right")
    ollama = EmbeddingConfig("ollama", "e", host=address)
    assert warnings(caplog, openai, ollama) == []
    elsewhere = ChatConfig("openai", "m", f"{address}/other", "right")
    assert warnings(caplog, elsewhere) == []


def test_a_rejected_key_names_its_setting_once(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    (warning,) = warnings(caplog, ChatConfig("openai", "m", f"{address}/v1", "wrong"))
    assert "rejects the API key (401). Set LLM_BINDING_API_KEY" in warning


def test_the_warning_about_an_unreachable_provider_names_the_setting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    unreachable = EmbeddingConfig("openai", "e", host="http://127.0.0.1:9/v1")
    (warning,) = warnings(caplog, unreachable)
    assert "can't be reached at http://127.0.0.1:9/v1/models" in warning
    assert "EMBEDDING_BINDING_HOST" in warning


def test_models_in_the_process_are_not_checked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert warnings(caplog) == []
