"""Fixtures of all tests: the embedded databases, workspaces and models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from documents.models import Workspace
from lightrag_site import paths
from lightrag_site.running import embedded_valkey, processes
from tests import scratch_postgres
from tests.models import FakeModels

# No deadline, because the machine may be busy. CI uses the same examples each time; runs by
# hand use new ones.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    if os.environ.get("POSTGRES_HOST"):
        yield
        return
    with scratch_postgres.running() as host:
        settings.DATABASES["default"].update(HOST=str(host), USER="lightrag", PORT="")
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Create the test database, also if no test uses pytest-django's fixtures."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(
        name="tests", embedding_model="fake:hash", embedding_dimensions=64
    )


@pytest.fixture
def inputs(settings: Settings, tmp_path: Path) -> Path:
    """Create an input folder for the test."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    server = replace(settings.LIGHTRAG.server, input_dir=folder)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    return folder


@pytest.fixture
def committed_workspace(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, inputs: Path
) -> Iterator[Workspace]:
    """Create a committed workspace, which other connections see."""
    with django_db_blocker.unblock():
        workspace = Workspace.objects.create(
            name="committed", embedding_model="fake:hash", embedding_dimensions=64
        )
        yield workspace
        workspace.delete()


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data_paths = paths.of(tmp_path_factory.mktemp("valkey"))
    child = embedded_valkey.start(data_paths)
    yield f"unix://{data_paths.valkey_socket}"
    processes.stop([child])


@pytest.fixture
def redis(valkey: str, settings: Settings) -> str:
    """Use a Redis for the site, shared by the tests of a module; return its URL."""
    settings.REDIS_URL = valkey
    return valkey


@pytest.fixture
def models(settings: Settings) -> FakeModels:
    """Use fake models in every role."""
    fakes = FakeModels()
    settings.LIGHTRAG = fakes.configure(settings.LIGHTRAG)
    return fakes


@pytest.fixture
def ada(db: None) -> User:
    """Return a superuser."""
    return User.objects.create_superuser("ada", password="secret")


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    """Deactivate the language that a request of the test has activated."""
    yield
    translation.deactivate()
