"""The actions of a user in LightRAG's web UI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.page_errors import PageErrors

TIMEOUT_MS = 30_000.0
"""Upper bound on the duration of an action, for machines under load."""


@dataclass
class WebUI:
    """A page that shows the UI."""

    page: Page
    address: str
    page_errors: PageErrors
    screenshots: Path

    def open(self) -> None:
        self.page.set_default_timeout(TIMEOUT_MS)
        expect.set_options(timeout=TIMEOUT_MS)
        self.page.goto(f"{self.address}/webui/")

    def screenshot(self, name: str) -> None:
        """Take a screenshot."""
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def log_in(self, name: str, password: str) -> None:
        self.page.get_by_placeholder("username").fill(name)
        self.page.get_by_placeholder("password").fill(password)
        self.click("Login")

    def tab(self, name: str) -> Locator:
        """Open a tab and return its panel."""
        self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel", name=name)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def click(self, name: str) -> None:
        """Click a button of the page."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def click_in_dialog(self, name: str) -> None:
        """Click a button of the dialog."""
        self.dialog.get_by_role("button", name=name, exact=True).click()

    def expect_notice(self, message: str) -> None:
        """Expect a notice with this text."""
        expect(self.page.get_by_text(message).first).to_be_visible()

    # Documents

    def upload(self, files: Mapping[str, str]) -> None:
        """Upload files with the upload dialog and close it."""
        with self.page.expect_response("**/supported_file_types"):
            self.click("Upload")
        payloads = [
            {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
            for name, text in files.items()
        ]
        # The dialog ignores files until it has loaded the supported types.
        while not self.dialog.get_by_role("button", name="Remove file").count():
            self.page.locator("input[type=file]").set_input_files(payloads)  # type: ignore[arg-type]
            self.page.wait_for_timeout(200)
        self.expect_notice("uploaded successfully")
        self.click_in_dialog("Close")

    def expect_count(self, status: str, number: int) -> None:
        """Expect this number of documents with the status."""
        chip = self.page.get_by_role("button", name=f"{status} ({number})")
        expect(chip).to_be_visible()

    def process(self, files: Mapping[str, str]) -> None:
        """Upload files and wait until they are processed."""
        self.upload(files)
        self.expect_count("Completed", len(files))

    def row(self, text: str) -> Locator:
        """Return the row of the document with this text in its summary."""
        return self.page.get_by_role("row", name=text)

    def confirm(self, option: str) -> None:
        """Type `yes`, check an option, and confirm."""
        self.dialog.get_by_role("textbox").fill("yes")
        self.dialog.get_by_role("checkbox", name=option).check()
        self.click_in_dialog("YES")

    # Graph

    def show_graph(self, label: str) -> None:
        """Search for a label and show the graph around it."""
        self.page.get_by_role("combobox", name="Search node name").click()
        self.page.get_by_placeholder("Search node name...").fill(label[:3].lower())
        with self.page.expect_response("**/graphs?label=*"):
            self.page.get_by_role("option", name=label, exact=True).click()

    def select_node(self, node: str) -> Locator:
        """Select a node in the graph and return the panel with its properties."""
        self.page.get_by_placeholder("Search nodes in page...").fill(node)
        self.page.get_by_role("option", name=node, exact=True).first.click()
        panel = self.page.get_by_role("tabpanel", name="Knowledge Graph")
        expect(panel.get_by_role("heading", name="Properties")).to_be_visible()
        return panel

    def edit_property(self, field: str, value: str) -> None:
        """Enter a new value of a property of the selected node."""
        rows = self.page.locator("div:has(> span)")
        name = self.page.get_by_text(field, exact=True)
        rows.filter(has=name).locator(".lucide-pencil").click()
        self.dialog.get_by_role("textbox").fill(value)

    # Questions

    def ask(self, question: str) -> None:
        self.page.get_by_role("textbox", name="Enter your query").fill(question)
        self.click("Send")
