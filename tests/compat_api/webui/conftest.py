"""Fixtures for the pages of an open and of a protected server."""

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
    """Return the default workspace."""
    return lookup.ensure("")


@pytest.fixture
def closed(settings: Settings, own_workspace: Workspace) -> None:
    """Protect the server with an API key."""
    server = replace(settings.LIGHTRAG.server, api_key=KEY)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)


@pytest.fixture
def browser(own_workspace: Workspace) -> Client:
    """Return a client without a login, which identifies as a script."""
    return Client(headers={"X-Page-Script": "1"})


@pytest.fixture
def library(own_workspace: Workspace) -> Library:
    """Return documents, chunks and a small graph."""
    return make_library(own_workspace)
