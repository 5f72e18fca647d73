"""Fixtures for the pages of an open and of a protected server."""

from __future__ import annotations

import pytest
from django.test import Client

from documents.models import Workspace
from documents.workspaces import lookup
from tests.compat_api.conftest import Configure
from tests.library import Library, make_library
from tests.models import FakeModels

KEY = "a-key-for-tests"


@pytest.fixture
def own_workspace(db: None, models: FakeModels) -> Workspace:
    """Return the default workspace."""
    return lookup.ensure("")


@pytest.fixture
def closed(configure: Configure, own_workspace: Workspace) -> None:
    """Protect the server with an API key."""
    configure(api_key=KEY)


@pytest.fixture
def browser(own_workspace: Workspace) -> Client:
    """Return a client without a login, which identifies as a script."""
    return Client(headers={"X-Page-Script": "1"})


@pytest.fixture
def library(own_workspace: Workspace) -> Library:
    """Return documents, chunks and a small graph."""
    return make_library(own_workspace)
