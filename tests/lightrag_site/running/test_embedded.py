"""One owner of a working directory's databases; commands use his, or have their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lightrag_site import paths as all_places
from lightrag_site.configuration import environment
from lightrag_site.configuration.config import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded, embedded_postgres, embedded_valkey


@pytest.fixture
def config() -> Iterator[LightRAGConfig]:
    with tempfile.TemporaryDirectory(prefix="lightrag-embedded-") as name:
        yield environment.read({"WORKING_DIR": name}, Path("/"))


def test_a_command_starts_them_or_uses_the_owners_and_leaves_those_running(
    config: LightRAGConfig,
) -> None:
    here = all_places.of(config.server.working_dir)
    with embedded.available(config):
        assert embedded_postgres.answers(here)
        assert embedded_valkey.answers(here)
    assert not embedded_postgres.answers(here)
    with embedded.owned(config) as children:
        with embedded.available(config):
            pass
        assert all(child.is_alive() for child in children)
        with pytest.raises(SettingError, match="is in use by process"):
            embedded.owned(config).__enter__()
    assert not embedded_postgres.answers(here)
    assert not any(child.is_alive() for child in children)
