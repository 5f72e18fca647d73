"""Data of version 0.1.0 is migrated, and answers as before.

The fixture is a backup by version 0.1.0 with rows in every table: a document that was
edited, merged and renamed in the workspace `default`, one in `library`, and in
`modelled` three texts read by a stand-in model, with summaries, and one that was stopped
between embedding and extraction.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import live_server

ROOT = Path(__file__).resolve().parents[2]
BACKUP = Path(__file__).parent / "fixtures" / "backup-0.1.0.tar.gz"
KEY = {"LIGHTRAG_API_KEY": "upgrade"}

RESTORE = f"""
from django.core.management import call_command
from lightrag_site.backup import archive

with archive.opened({str(BACKUP)!r}) as tar:
    migrations = archive.manifest(tar).migrations
latest = dict(sorted(map(tuple, migrations)))
for app in ("documents", "retrieval", "graph", "compat_api"):
    call_command("migrate", app, latest[app], verbosity=0)
for app in ("admin", "auth", "sessions"):
    call_command("migrate", app, verbosity=0)
call_command("restore", {str(BACKUP)!r})
"""


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    """Yield a client of a server that was started on the restored data."""
    with live_server.scratch_folder() as folder:
        subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "-c", RESTORE],
            cwd=folder,
            env=live_server.untouched(),
            check=True,
        )
        with live_server.started(KEY, folder) as server:
            server.client.headers["X-API-Key"] = KEY["LIGHTRAG_API_KEY"]
            yield server.client


def test_documents_keep_their_status(site: httpx.Client) -> None:
    counts = site.get("/documents/status_counts").json()["status_counts"]
    assert (counts["processed"], counts["failed"]) == (1, 1)


def test_edited_merged_and_renamed_entities_are_kept(site: httpx.Client) -> None:
    names = site.get("/graph/label/list").json()
    assert "Ada Lindqvist" in names
    assert "Lindqvist" not in names


def test_a_question_finds_the_chunk_and_its_reference(site: httpx.Client) -> None:
    body = {"query": "Who built the lighthouse at Port Emsworth?", "mode": "naive"}
    answer = site.post("/query", json=body).json()
    assert "Ada Lindqvist" in answer["response"]
    assert [each["file_path"] for each in answer["references"]] == ["harbour.md"]


def test_pipeline_events_of_the_old_version_are_listed(site: httpx.Client) -> None:
    status = site.get("/documents/pipeline_status").json()
    assert any("harbour.md" in message for message in status["history_messages"])


def test_an_entity_keeps_its_former_names(site: httpx.Client) -> None:
    url = "/resources/workspaces/default/entities/"
    entities = site.get(url, params={"search": "Ada Lindqvist"}).json()["results"]
    aliases = {entity["name"]: entity["aliases"] for entity in entities}
    assert aliases["Ada Lindqvist"] == ["Lindqvist"]


def test_new_rows_have_unused_ids(site: httpx.Client) -> None:
    for name in ("Pier", "Old Pier"):
        body = {"entity_name": name, "entity_data": {"description": "A pier."}}
        assert site.post("/graph/entity/create", json=body).status_code == 200
    merge = {"entities_to_change": ["Old Pier"], "entity_to_change_into": "Pier"}
    assert site.post("/graph/entities/merge", json=merge).status_code == 200
    answer = site.post("/graph/entities/split", json={"alias": "Old Pier"})
    assert answer.status_code == 200, answer.text
