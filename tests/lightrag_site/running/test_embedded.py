"""One process owns the databases of a working directory; commands share them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lightrag_site import paths
from lightrag_site.configuration import environment
from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.errors import SettingError
from lightrag_site.running import embedded, embedded_postgres, embedded_valkey


@pytest.fixture
def config() -> Iterator[LightRAGConfig]:
    with tempfile.TemporaryDirectory(prefix="lightrag-embedded-") as name:
        yield environment.read({"WORKING_DIR": name}, Path("/"))


def test_a_command_starts_databases_or_uses_those_of_the_owner(
    config: LightRAGConfig,
) -> None:
    data_paths = paths.of(config.server.working_dir)
    with embedded.available(config):
        assert embedded_postgres.answers(data_paths)
        assert embedded_valkey.answers(data_paths)
    assert not embedded_postgres.answers(data_paths)
    with embedded.own_databases(config) as children:
        with embedded.available(config):
            pass
        assert all(child.is_alive() for child in children)
        with pytest.raises(SettingError, match="is in use by process"):
            embedded.own_databases(config).__enter__()
    assert not embedded_postgres.answers(data_paths)
    assert not any(child.is_alive() for child in children)


def test_a_folder_that_is_made_traversable_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o700)
    embedded_postgres._make_traversable([tmp_path, tmp_path / "missing"])
    embedded_postgres._make_traversable([tmp_path])
    assert tmp_path.stat().st_mode & 0o777 == 0o701
    assert (
        caplog.records[0]
        .getMessage()
        .startswith(f"Changed the mode of {tmp_path} to 701")
    )
    assert len(caplog.records) == 1
