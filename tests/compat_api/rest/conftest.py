"""Fixtures: a client of `/resources/` and a library of documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from documents.models import Workspace
from tests import library
from tests.library import Library
from tests.models import FakeModels

HOME = "/resources/workspaces/tests/"


@pytest.fixture
def client(
    workspace: Workspace,
    models: FakeModels,
    configure: Callable[..., None],
    tmp_path: Path,
) -> APIClient:
    configure(workspace=workspace.name, input_dir=tmp_path / "inputs")
    return APIClient()


@pytest.fixture
def shelf(client: APIClient, workspace: Workspace) -> Library:
    return library.make_library(workspace)


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows
