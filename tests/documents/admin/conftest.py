from __future__ import annotations

from pathlib import Path

import pytest

from documents.models import Workspace
from tests.library import Library, make_library


@pytest.fixture(autouse=True)
def input_folder(inputs: Path) -> Path:
    """Return the input folder, which every test of the admin uses."""
    return inputs


@pytest.fixture
def library(workspace: Workspace) -> Library:
    return make_library(workspace)
