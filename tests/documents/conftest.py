from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from documents.files import file_storage
from documents.models import Document, DocumentContent, Workspace

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


def add_text(workspace: Workspace, name: str, text: str) -> Document:
    """Create a queued document with this text."""
    document = Document.objects.create(
        workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
    )
    DocumentContent.objects.create(document=document, text=text)
    return document
