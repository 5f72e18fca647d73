"""Pages as a browser asks for them, with and without anybody having to log in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from documents.models import Workspace
from documents.workspaces import lookup
from tests.library import Library, make_library
from tests.models import FakeModels

KEY = "a-key-for-tests"


@pytest.fixture
def own_workspace(db: None, models: FakeModels) -> Workspace:
    """The workspace that requests are about when they name none."""
    return lookup.ensure("")


@pytest.fixture
def closed(settings: Settings, own_workspace: Workspace) -> None:
    """A server that asks for a key."""
    server = replace(settings.LIGHTRAG.server, api_key=KEY)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)


@pytest.fixture
def browser(own_workspace: Workspace) -> Client:
    """Somebody who has not logged in."""
    return Client(headers={"X-Page-Script": "1"})


@pytest.fixture
def library(own_workspace: Workspace) -> Library:
    """Documents, passages and a small graph."""
    return make_library(own_workspace)
