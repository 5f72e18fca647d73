"""What a person does in LightRAG's web UI, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.watch import Watch

PATIENCE = 30_000.0
"""Milliseconds; two cores may have much else to do."""


@dataclass
class WebUI:
    """A page that shows the UI."""

    page: Page
    address: str
    watch: Watch
    pictures: Path

    def open(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        self.page.goto(f"{self.address}/webui/")

    def picture(self, name: str) -> None:
        """Of the page as it is, to be looked at."""
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def log_in(self, name: str, password: str) -> None:
        self.page.get_by_placeholder("username").fill(name)
        self.page.get_by_placeholder("password").fill(password)
        self.press("Login")

    def tab(self, name: str) -> Locator:
        """Turn to a tab; returns what it shows."""
        self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel", name=name)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def press(self, name: str) -> None:
        """A button of the page."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def answer(self, name: str) -> None:
        """A button of the dialog."""
        self.dialog.get_by_role("button", name=name, exact=True).click()

    def told(self, message: str) -> None:
        """A note comes up that says so."""
        expect(self.page.get_by_text(message).first).to_be_visible()

    # Documents

    def upload(self, files: Mapping[str, str]) -> None:
        """Choose files in the upload dialog, and close it."""
        with self.page.expect_response("**/supported_file_types"):
            self.press("Upload")
        chosen = [
            {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
            for name, text in files.items()
        ]
        # It takes none until it has understood which types the server takes.
        while not self.dialog.get_by_role("button", name="Remove file").count():
            self.page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
            self.page.wait_for_timeout(200)
        self.told("uploaded successfully")
        self.answer("Close")

    def counted(self, status: str, number: int) -> None:
        """The chip of a status shows this number."""
        chip = self.page.get_by_role("button", name=f"{status} ({number})")
        expect(chip).to_be_visible()

    def read(self, files: Mapping[str, str]) -> None:
        """Upload, and wait until all is processed."""
        self.upload(files)
        self.counted("Completed", len(files))

    def row(self, text: str) -> Locator:
        """A document's row, by a word of its summary."""
        return self.page.get_by_role("row", name=text)

    def confirm(self, also: str) -> None:
        """Type `yes`, tick a box, and go on."""
        self.dialog.get_by_role("textbox").fill("yes")
        self.dialog.get_by_role("checkbox", name=also).check()
        self.answer("YES")

    # Graph

    def draw(self, label: str) -> None:
        """Search a label and draw the graph around it."""
        self.page.get_by_role("combobox", name="Search node name").click()
        self.page.get_by_placeholder("Search node name...").fill(label[:3].lower())
        with self.page.expect_response("**/graphs?label=*"):
            self.page.get_by_role("option", name=label, exact=True).click()

    def select(self, node: str) -> Locator:
        """Find a node in the drawn graph; returns its panel."""
        self.page.get_by_placeholder("Search nodes in page...").fill(node)
        self.page.get_by_role("option", name=node, exact=True).first.click()
        panel = self.page.get_by_role("tabpanel", name="Knowledge Graph")
        expect(panel.get_by_role("heading", name="Properties")).to_be_visible()
        return panel

    def edit(self, field: str, value: str) -> None:
        """Write a new value of one property of the chosen node, and save it."""
        rows = self.page.locator("div:has(> span)")
        name = self.page.get_by_text(field, exact=True)
        rows.filter(has=name).locator(".lucide-pencil").click()
        self.dialog.get_by_role("textbox").fill(value)

    # Questions

    def ask(self, question: str) -> None:
        self.page.get_by_role("textbox", name="Enter your query").fill(question)
        self.press("Send")
