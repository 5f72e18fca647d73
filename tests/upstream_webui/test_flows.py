"""LightRAG's own web UI, driven by a browser, finds in us the server it knows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.live_server import LiveServer
from tests.upstream_webui import FOLDER
from tests.upstream_webui.driving import WebUI

pytestmark = [
    chromium.needed,
    pytest.mark.xdist_group("upstream_webui"),  # one server and one browser for all
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="lightrag-hku is not unpacked: make .venv/.upstream"
    ),
]
RADIUM = "Marie Curie discovered Radium in Paris. Pierre Curie married Marie Curie."
TELEPHONE = "Alexander Bell invented the Telephone in Boston."


def test_somebody_logs_in_and_out(door: WebUI) -> None:
    door.watch.forgive("401")  # the wrong password, which is how the UI learns of it
    door.log_in("anna", "a-guess")
    door.told("Login failed")
    door.picture("login-refused")
    door.log_in("anna", "a-password-for-tests")
    expect(door.page.get_by_text("Document Management")).to_be_visible()
    door.picture("logged-in")
    door.page.locator("button:has(.lucide-log-out)").click()
    expect(door.page.get_by_role("button", name="Login")).to_be_visible()


def test_an_upload_is_watched_until_it_is_completed(
    ui: WebUI, server: LiveServer
) -> None:
    long = " ".join(f"Person{n} discovered Thing{n} in Town{n}." for n in range(4000))
    ui.upload({"long.txt": long, "radium.txt": RADIUM})
    ui.press("Pipeline")
    expect(ui.dialog).to_contain_text("long.txt[2 files]")
    expect(ui.dialog).to_contain_text("Progress: 1/2")
    expect(ui.dialog).to_contain_text("Completed processing: long.txt")
    expect(ui.dialog).to_contain_text("Completed processing: radium.txt")
    ui.picture("pipeline")
    ui.answer("Close")
    ui.counted("Completed", 2)
    expect(ui.row("Marie Curie")).to_contain_text("Completed")
    ui.picture("documents")


def test_a_document_is_deleted_with_its_file(ui: WebUI, server: LiveServer) -> None:
    ui.read({"radium.txt": RADIUM, "telephone.txt": TELEPHONE})
    files = server.folder / "inputs"
    assert {path.name for path in files.rglob("*.txt")} == {
        "radium.txt",
        "telephone.txt",
    }
    ui.row("Telephone").get_by_role("checkbox").check()
    ui.press("Delete")
    expect(ui.dialog.get_by_role("button", name="YES")).to_be_visible()
    ui.picture("delete")
    ui.confirm("Also delete uploaded files")
    ui.counted("All", 1)
    assert [path.name for path in files.rglob("*.txt")] == ["radium.txt"]
    assert "Telephone" not in server.client.get("/graph/label/list").json()


def test_all_is_cleared(ui: WebUI, server: LiveServer) -> None:
    ui.read({"radium.txt": RADIUM})
    ui.press("Clear")
    expect(ui.dialog.get_by_role("button", name="YES")).to_be_visible()
    ui.picture("clear")
    ui.confirm("Clear LLM cache")
    ui.told("Documents cleared successfully")
    ui.picture("cleared")
    ui.counted("All", 0)
    assert server.client.get("/graph/label/list").json() == []


def test_the_graph_is_searched_and_expanded(ui: WebUI) -> None:
    ui.read({"radium.txt": RADIUM})
    panel = ui.tab("Knowledge Graph")
    ui.draw("Radium")
    expect(panel).to_contain_text("node: 4")
    ui.picture("graph")
    ui.select("Radium")
    panel.locator("button:has(.lucide-scissors)").click()
    expect(panel).to_contain_text("node: 2")
    ui.select("Marie Curie")
    panel.locator("button:has(.lucide-git-branch-plus)").click()
    expect(panel).to_contain_text("node: 3")
    ui.picture("expanded")


def test_an_entity_is_renamed(ui: WebUI, server: LiveServer) -> None:
    ui.read({"radium.txt": RADIUM})
    panel = ui.tab("Knowledge Graph")
    ui.draw("Radium")
    ui.select("Radium")
    ui.edit("Name", "Radium-226")
    ui.picture("rename")
    ui.answer("Save")
    ui.told("Node updated successfully")
    expect(panel).to_contain_text("Labels:Radium-226")
    ui.picture("renamed")
    assert "Radium-226" in server.client.get("/graph/label/list").json()


def test_a_name_that_is_taken_merges_two_entities(
    ui: WebUI, server: LiveServer
) -> None:
    ui.read({"radium.txt": RADIUM, "telephone.txt": TELEPHONE})
    ui.tab("Knowledge Graph")
    ui.draw("Boston")
    ui.select("Boston")
    ui.edit("Name", "Paris")
    ui.answer("Save")
    expect(ui.dialog).to_contain_text("already exists")
    ui.picture("name-taken")
    ui.dialog.get_by_role("checkbox").check()
    ui.answer("Save")
    ui.told("Nodes merged successfully")
    ui.picture("merged")
    ui.answer("Refresh and use merged node")
    panel = ui.select("Paris")
    expect(panel).to_contain_text("radium.txt")
    expect(panel).to_contain_text("telephone.txt")
    ui.picture("merged-node")
    assert "Boston" not in server.client.get("/graph/label/list").json()


def test_a_question_is_answered_as_it_is_written(ui: WebUI) -> None:
    ui.read({"radium.txt": RADIUM})
    panel = ui.tab("Retrieval")
    with ui.page.expect_response("**/query/stream") as asked:
        ui.ask("Who discovered Radium?")
    ui.picture("progress")
    expect(panel).to_contain_text("Marie Curie discovered Radium")
    expect(panel).to_contain_text("Response time")
    ui.picture("answer")
    assert asked.value.headers["content-type"] == "application/x-ndjson"
    assert '{"progress": "extracting_keywords"}' in asked.value.text()
