from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from documents.files import file_storage
from documents.models import Workspace

Put = Callable[[str, bytes], Path]


@pytest.fixture
def folder(inputs: Path, workspace: Workspace) -> Path:
    """Return the input folder of the workspace."""
    return file_storage.folder(workspace)


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Return a function that writes a file and returns its path."""

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put
