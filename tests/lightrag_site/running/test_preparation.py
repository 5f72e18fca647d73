"""Checks and preparation before the server starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth import get_user_model
from pytest_django import Settings

from documents.models import Workspace
from lightrag_site.configuration.config_classes import (
    AccessConfig,
    LightRAGConfig,
    ServerConfig,
)
from lightrag_site.errors import SettingError
from lightrag_site.running import preparation
from retrieval.llm.config import EmbeddingConfig
from tests import live_server, scratch_postgres

ROOT = Path(__file__).resolve().parents[3]


def configure(
    settings: Settings,
    folder: Path,
    *,
    embedding: EmbeddingConfig | None = None,
    password: str = "",
) -> None:
    settings.LIGHTRAG = replace(
        LightRAGConfig(),
        server=ServerConfig(working_dir=folder),
        embedding=embedding or EmbeddingConfig("fake", "hash", 64),
        access=AccessConfig(admin_password=password),
    )


def test_other_dimensions_are_reported_before_the_start(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path, embedding=EmbeddingConfig("fake", "hash", 65))
    with pytest.raises(SettingError) as caught:
        preparation.check_embedding(workspace)
    message = str(caught.value)
    assert message.startswith("EMBEDDING_DIM: 65 is configured, but workspace 'tests'")
    assert "64" in message


def test_another_model_with_the_same_dimensions_is_reported(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path, embedding=EmbeddingConfig("fake", "other", 64))
    with pytest.raises(SettingError, match="EMBEDDING_MODEL: 'other'"):
        preparation.check_embedding(workspace)


def test_the_same_model_of_another_provider_is_accepted(
    workspace: Workspace, settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path, embedding=EmbeddingConfig("openai", "hash", 64))
    preparation.check_embedding(workspace)


@pytest.mark.django_db
def test_the_generated_password_is_stored_in_a_private_file(
    settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path)
    preparation.create_administrator()
    password_file = tmp_path / "admin-password"
    assert password_file.stat().st_mode & 0o777 == 0o600
    admin = get_user_model().objects.get(is_superuser=True)
    assert admin.check_password(password_file.read_text())
    password_file.unlink()
    preparation.create_administrator()
    assert not password_file.exists()


@pytest.mark.django_db
def test_a_configured_password_is_not_stored(
    settings: Settings, tmp_path: Path
) -> None:
    configure(settings, tmp_path, password="chosen")
    preparation.create_administrator()
    assert get_user_model().objects.get(username="admin").check_password("chosen")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_customization_folder_prevents_the_start(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(settings, tmp_path)
    server = replace(settings.LIGHTRAG.server, ui_templates_dir=tmp_path / "nowhere")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    assert preparation.main() == 2
    assert capsys.readouterr().err == (
        f"lightrag-server: UI_TEMPLATES_DIR: folder not found: {tmp_path}/nowhere\n"
    )


def test_the_migrate_command_creates_the_extensions_first(
    tmp_path: Path,
) -> None:
    with scratch_postgres.running() as socket_dir:
        address = f"postgresql://postgres@/postgres?host={socket_dir}"
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate", "contenttypes"],
            cwd=tmp_path,
            env=live_server.untouched() | {"DATABASE_URL": address},
            check=True,
            capture_output=True,
        )
        with psycopg.connect(address) as connection:
            extensions = connection.execute(
                "SELECT extname FROM pg_extension"
            ).fetchall()
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
    assert {("vector",), ("age",)} <= set(extensions)
    assert ("documents_document",) not in tables
