from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from documents import stored_files
from documents.models import Workspace

Put = Callable[[str, bytes], Path]


@pytest.fixture
def inputs(settings: Settings, tmp_path: Path) -> Path:
    """An input folder of the test's own."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    server = replace(settings.LIGHTRAG.server, input_dir=folder)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    return folder


@pytest.fixture
def folder(inputs: Path, workspace: Workspace) -> Path:
    """The folder of the workspace in it."""
    return stored_files.folder(workspace)


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Puts a file on disk and gives its path."""

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def committed_workspace(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, inputs: Path
) -> Iterator[Workspace]:
    """A workspace that other connections see too, for tests of several at once."""
    with django_db_blocker.unblock():
        workspace = Workspace.objects.create(
            name="committed", embedding_model="fake:hash", embedding_dimensions=64
        )
        yield workspace
        workspace.delete()
