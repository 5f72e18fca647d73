"""Models, version and access of the Ollama dialect with Ollama's client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import httpx
import ollama
import pytest
from pytest_django import Settings

from tests.compat_api.ollama.conftest import ask
from tests.compat_api.serving import Served


def test_models_can_be_pulled_but_not_changed(client: ollama.Client) -> None:
    assert client.pull("lightrag:naive").status == "success"
    assert [progress.status for progress in client.pull("poet", stream=True)] == [
        "success"
    ]
    with pytest.raises(ollama.ResponseError, match="'llama9' not found"):
        client.pull("llama9")
    refused: list[Callable[[], object]] = [
        lambda: client.create("mine", from_="lightrag"),
        lambda: client.copy("lightrag", "mine"),
        lambda: client.push("lightrag"),
        lambda: client.delete("lightrag"),
    ]
    for call in refused:
        with pytest.raises(ollama.ResponseError, match="can't change models"):
            call()


def test_models_are_listed_shown_and_running(client: ollama.Client) -> None:
    names = [model.model for model in client.list().models]
    assert names[0] == "lightrag:latest"
    assert {"lightrag:local", "lightrag:naive", "poet", "elsewhere"} < set(names)
    assert client.ps().models[0].name == "lightrag:latest"
    shown = client.show("lightrag:local")
    assert shown.capabilities == ["completion", "tools"]
    assert shown.modelinfo is not None
    assert shown.modelinfo["lightrag.mode"] == "local"


def test_version_is_that_of_lightrag(served: Served) -> None:
    assert httpx.get(f"{served.base_url}/api/version").json() == {"version": "0.9.3"}


def test_key_is_required(served: Served, settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="sesame")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    with (
        closing(ollama.Client(host=served.base_url)) as client,
        pytest.raises(ollama.ResponseError) as caught,
    ):
        client.list()
    assert caught.value.status_code == 403
    headers = {"Authorization": "Bearer sesame"}
    with closing(ollama.Client(host=served.base_url, headers=headers)) as client:
        assert ask(client).message.content
