"""HTTP client of the server, whose default workspace is the test's."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as site
from django.test import AsyncClient, Client
from openai import OpenAI
from pytest_django import DjangoDbBlocker, Settings

from documents.models import Workspace
from documents.pipeline import pipeline
from retrieval.llm.base import ChatModel
from tests.compat_api import serving
from tests.compat_api.serving import Served
from tests.models import FakeModels


@dataclass
class Api:
    """Client for JSON requests and line streams."""

    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(path, query, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return self._with_body("post", path, body)

    def put(self, path: str, body: Any = None) -> Any:
        return self._with_body("put", path, body)

    def patch(self, path: str, body: Any = None) -> Any:
        return self._with_body("patch", path, body)

    def delete(self, path: str, body: Any = None) -> Any:
        return self._with_body("delete", path, body)

    def _with_body(self, method: str, path: str, body: Any) -> Any:
        data = b"" if body is None else json.dumps(body)
        call = getattr(Client(), method)
        return call(
            path, data=data, content_type="application/json", headers=self.headers
        )

    def lines(self, path: str, body: Any) -> list[dict[str, Any]]:
        """Return the objects of an NDJSON response."""

        async def read() -> bytes:
            response: Any = await AsyncClient().post(
                path, json.dumps(body), content_type="application/json"
            )
            assert response["Content-Type"] == "application/x-ndjson"
            return b"".join([part async for part in response])

        return [json.loads(line) for line in async_to_sync(read)().splitlines()]


Configure = Callable[..., None]


@pytest.fixture
def configure(settings: Settings) -> Callable[..., None]:
    """Change the server's part of `settings.LIGHTRAG`."""

    def change(**changes: Any) -> None:
        server = replace(site.LIGHTRAG.server, **changes)
        settings.LIGHTRAG = replace(site.LIGHTRAG, server=server)

    return change


@pytest.fixture
def configure_access(settings: Settings) -> Callable[..., None]:
    """Change the access part of `settings.LIGHTRAG`."""

    def change(**changes: Any) -> None:
        access = replace(site.LIGHTRAG.access, **changes)
        settings.LIGHTRAG = replace(site.LIGHTRAG, access=access)

    return change


@pytest.fixture
def api(
    workspace: Workspace,
    models: FakeModels,
    configure: Callable[..., None],
    tmp_path: Path,
) -> Api:
    configure(workspace=workspace.name, input_dir=tmp_path / "inputs")
    return Api()


@pytest.fixture
def insert(api: Api, workspace: Workspace) -> Callable[..., str]:
    """Insert a text, process it and return its track id."""

    def run(text: str, name: str) -> str:
        body = {"text": text, "file_source": name}
        answer = api.post("/documents/text", body)
        assert answer.status_code == 200, answer.content
        pipeline.work(workspace.pk)
        return str(answer.json()["track_id"])

    return run


@pytest.fixture(scope="module")
def served_site(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Served]:
    """Run one server for the tests of a module; its rows are committed, then removed."""
    with django_db_blocker.unblock(), serving.running() as served:
        yield served


@pytest.fixture
def served(db: None, served_site: Served, settings: Settings) -> Served:
    """Return the module's server with test models of this test."""
    models = FakeModels()
    settings.LIGHTRAG = serving.configured(models)
    return replace(served_site, models=models)


@pytest.fixture
def openai_client(served: Served) -> Iterator[OpenAI]:
    """Return OpenAI's client without retries."""
    with OpenAI(base_url=served.openai_url, api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
def answering(served: Served, settings: Settings) -> Callable[[ChatModel], None]:
    """Replace the answering model; the keyword model stays the test model."""

    def configure(model: ChatModel) -> None:
        chat = replace(settings.LIGHTRAG.query_llm, options={"chat": model})
        settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=chat)

    return configure


@pytest.fixture(scope="module")
def sockets_left_open() -> Iterator[None]:
    """Collect unclosed clients of SDKs before pytest checks for resource warnings."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
