"""LightRAG's web UI works with our server."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.lightrag_webui import FOLDER
from tests.lightrag_webui.web_ui import WebUI
from tests.live_server import LiveServer

pytestmark = [
    chromium.needed,
    pytest.mark.xdist_group("lightrag_webui"),  # one server and one browser for all
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="lightrag-hku is not unpacked: make .venv/.upstream"
    ),
]
RADIUM = "Marie Curie discovered Radium in Paris. Pierre Curie married Marie Curie."
TELEPHONE = "Alexander Bell invented the Telephone in Boston."


def test_login_and_logout(logged_out_ui: WebUI) -> None:
    logged_out_ui.page_errors.ignore("401")  # the response to the wrong password
    logged_out_ui.log_in("anna", "a-guess")
    logged_out_ui.expect_notice("Login failed")
    logged_out_ui.screenshot("login-refused")
    logged_out_ui.log_in("anna", "a-password-for-tests")
    expect(logged_out_ui.page.get_by_text("Document Management")).to_be_visible()
    logged_out_ui.screenshot("logged-in")
    logged_out_ui.page.locator("button:has(.lucide-log-out)").click()
    expect(logged_out_ui.page.get_by_role("button", name="Login")).to_be_visible()


def test_an_upload_is_processed_and_its_progress_shown(
    ui: WebUI, server: LiveServer
) -> None:
    long = " ".join(f"Person{n} discovered Thing{n} in Town{n}." for n in range(4000))
    ui.upload({"long.txt": long, "radium.txt": RADIUM})
    ui.click("Pipeline")
    expect(ui.dialog).to_contain_text("long.txt[2 files]")
    expect(ui.dialog).to_contain_text("Progress: 1/2")
    expect(ui.dialog).to_contain_text("Completed processing: long.txt")
    expect(ui.dialog).to_contain_text("Completed processing: radium.txt")
    ui.screenshot("pipeline")
    ui.click_in_dialog("Close")
    ui.expect_count("Completed", 2)
    expect(ui.row("Marie Curie")).to_contain_text("Completed")
    ui.screenshot("documents")


def test_a_document_is_deleted_with_its_file(ui: WebUI, server: LiveServer) -> None:
    ui.process({"radium.txt": RADIUM, "telephone.txt": TELEPHONE})
    files = server.folder / "inputs"
    assert {path.name for path in files.rglob("*.txt")} == {
        "radium.txt",
        "telephone.txt",
    }
    ui.row("Telephone").get_by_role("checkbox").check()
    ui.click("Delete")
    expect(ui.dialog.get_by_role("button", name="YES")).to_be_visible()
    ui.screenshot("delete")
    ui.confirm("Also delete uploaded files")
    ui.expect_count("All", 1)
    assert [path.name for path in files.rglob("*.txt")] == ["radium.txt"]
    assert "Telephone" not in server.client.get("/graph/label/list").json()


def test_all_documents_are_cleared(ui: WebUI, server: LiveServer) -> None:
    ui.process({"radium.txt": RADIUM})
    ui.click("Clear")
    expect(ui.dialog.get_by_role("button", name="YES")).to_be_visible()
    ui.screenshot("clear")
    ui.confirm("Clear LLM cache")
    ui.expect_notice("Documents cleared successfully")
    ui.screenshot("cleared")
    ui.expect_count("All", 0)
    assert server.client.get("/graph/label/list").json() == []


def test_the_graph_is_searched_and_expanded(ui: WebUI) -> None:
    ui.process({"radium.txt": RADIUM})
    panel = ui.tab("Knowledge Graph")
    ui.show_graph("Radium")
    expect(panel).to_contain_text("node: 4")
    ui.screenshot("graph")
    ui.select_node("Radium")
    panel.locator("button:has(.lucide-scissors)").click()
    expect(panel).to_contain_text("node: 2")
    ui.select_node("Marie Curie")
    panel.locator("button:has(.lucide-git-branch-plus)").click()
    expect(panel).to_contain_text("node: 3")
    ui.screenshot("expanded")


def test_an_entity_is_renamed(ui: WebUI, server: LiveServer) -> None:
    ui.process({"radium.txt": RADIUM})
    panel = ui.tab("Knowledge Graph")
    ui.show_graph("Radium")
    ui.select_node("Radium")
    ui.edit_property("Name", "Radium-226")
    ui.screenshot("rename")
    ui.click_in_dialog("Save")
    ui.expect_notice("Node updated successfully")
    expect(panel).to_contain_text("Labels:Radium-226")
    ui.screenshot("renamed")
    assert "Radium-226" in server.client.get("/graph/label/list").json()


def test_renaming_to_a_taken_name_merges_the_entities(
    ui: WebUI, server: LiveServer
) -> None:
    ui.process({"radium.txt": RADIUM, "telephone.txt": TELEPHONE})
    ui.tab("Knowledge Graph")
    ui.show_graph("Boston")
    ui.select_node("Boston")
    ui.edit_property("Name", "Paris")
    ui.click_in_dialog("Save")
    expect(ui.dialog).to_contain_text("already exists")
    ui.screenshot("name-taken")
    ui.dialog.get_by_role("checkbox").check()
    ui.click_in_dialog("Save")
    ui.expect_notice("Nodes merged successfully")
    ui.screenshot("merged")
    ui.click_in_dialog("Refresh and use merged node")
    panel = ui.select_node("Paris")
    expect(panel).to_contain_text("radium.txt")
    expect(panel).to_contain_text("telephone.txt")
    ui.screenshot("merged-node")
    assert "Boston" not in server.client.get("/graph/label/list").json()


def test_an_answer_is_streamed(ui: WebUI) -> None:
    ui.process({"radium.txt": RADIUM})
    panel = ui.tab("Retrieval")
    with ui.page.expect_response("**/query/stream") as response:
        ui.ask("Who discovered Radium?")
    ui.screenshot("progress")
    expect(panel).to_contain_text("Marie Curie discovered Radium")
    expect(panel).to_contain_text("Response time")
    ui.screenshot("answer")
    assert response.value.headers["content-type"] == "application/x-ndjson"
    assert '{"progress": "extracting_keywords"}' in response.value.text()
