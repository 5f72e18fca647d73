"""Folders of other users are rejected as private folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lightrag_site import private_directory
from lightrag_site.errors import SettingError


def test_only_the_owner_can_access_the_folder(tmp_path: Path) -> None:
    private_directory.make(tmp_path / "a" / "b")
    private_directory.make(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_symbolic_link_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingError, match="belongs to another user"):
        private_directory.make(tmp_path / "folder")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can change the owner")
def test_the_folder_of_another_user_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.chown(tmp_path / "folder", 65534, 65534)
    with pytest.raises(SettingError, match="belongs to another user"):
        private_directory.make(tmp_path / "folder")
