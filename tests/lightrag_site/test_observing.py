"""Metrics and readiness."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from django.test import Client
from pytest_django import Settings
from redis import Redis

from documents.intake import uploads
from documents.models import Workspace
from documents.pipeline import pipeline
from lightrag_site import paths
from lightrag_site.running import embedded_valkey, processes
from retrieval.llm.errors import RateLimited
from retrieval.llm.limits import provider_states
from retrieval.llm.limits.provider_limits import ProviderLimits, Rules
from tests.models import FakeModels


def test_metrics_contain_documents_and_tokens(
    client: Client, workspace: Workspace, models: FakeModels
) -> None:
    item = uploads.TextItem("Ada Lovelace wrote Programs.", "ada.txt")
    uploads.accept_texts(workspace, [item], track_id="upload_1")
    pipeline.work(workspace.pk)
    text = client.get("/metrics").content.decode()
    assert 'lightrag_documents{status="processed",workspace="tests"} 1.0' in text
    assert 'lightrag_llm_calls_today{purpose="extract"} 1.0' in text
    assert "lightrag_redis_up 0.0" in text


def test_metrics_require_the_key(client: Client, db: None, settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="secret")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    assert client.get("/metrics").status_code == 403
    response = client.get("/metrics", headers={"X-API-Key": "secret"})
    assert response.status_code == 200


def test_a_site_without_redis_is_ready(client: Client, db: None) -> None:
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "ok",
        "redis": "unreachable",
        "workers": "unknown",
        "models": "ok",
    }


def test_a_missing_worker_is_reported(client: Client, db: None, redis: str) -> None:
    response = client.get("/ready")
    assert (response.status_code, response.json()["workers"]) == (200, "none")
    assert "lightrag_workers 0.0" in client.get("/metrics").content.decode()


def test_the_state_of_a_provider_is_recorded(
    tmp_path: Path, settings: Settings
) -> None:
    data_paths = paths.of(tmp_path)
    child = embedded_valkey.start(data_paths)
    settings.REDIS_URL = f"unix://{data_paths.valkey_socket}"
    asyncio.run(be_rejected())
    client = Redis.from_url(settings.REDIS_URL)
    (state,) = provider_states.read(client)
    client.close()
    processes.stop([child])
    assert (state.provider, state.in_flight) == ("p", 0)
    assert 5 < state.paused_seconds <= 9
    assert state.reason == "slow down"


async def be_rejected() -> None:
    limits = ProviderLimits(Rules("p", "extract", 4))
    try:
        async with limits.lease(1):
            raise RateLimited("slow down", retry_after=9)
    except RateLimited:
        await limits.aclose()
