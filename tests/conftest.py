"""What every test stands on: the embedded PostgreSQL, and a workspace in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from documents.models import Workspace
from tests import shared_postgres
from tests.models import FakeModels


def start_test_postgres(run_id: str) -> tuple[shared_postgres.PostgresServer, Path]:
    """One server for all parallel test processes of a run; it trades safety for speed."""
    data_dir = Path(tempfile.gettempdir()) / f"lightrag-tests-{run_id}"
    data_dir.mkdir(mode=0o755, exist_ok=True)
    server = shared_postgres.start(data_dir)
    server.psql("ALTER SYSTEM SET fsync = off")
    server.psql("ALTER SYSTEM SET synchronous_commit = off")
    server.psql("SELECT pg_reload_conf()")
    return server, data_dir


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    if os.environ.get("POSTGRES_HOST"):
        yield
        return
    run_id = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    server, data_dir = start_test_postgres(run_id[:12])
    settings.DATABASES["default"].update(HOST=str(data_dir), USER="postgres", PORT="")
    yield
    server.cleanup()


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(
        name="tests", embedding_model="fake:hash", embedding_dimensions=64
    )


@pytest.fixture
def models(settings: Settings) -> FakeModels:
    """Stand-in models in every role; look into them, or configure others."""
    fakes = FakeModels()
    settings.LIGHTRAG = fakes.configure(settings.LIGHTRAG)
    return fakes
