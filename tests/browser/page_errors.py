"""Errors that a page must not cause: console errors, failed and external requests."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response

ABORTED = "net::ERR_ABORTED"
"""The failure of requests that were running when the page was left."""


@dataclass  # without slots: Playwright sets an attribute on the handlers' object
class PageErrors:
    """The errors of one page."""

    base_url: str
    errors: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Collect the errors of the page."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_failure)
        page.on("response", self._on_response)

    def ignore(self, part: str) -> None:
        """Ignore errors that contain this text, which the test causes on purpose."""
        self.ignored.append(part)

    @property
    def unexpected(self) -> list[str]:
        """Return the errors that are not ignored."""
        return [
            error
            for error in self.errors
            if not any(part in error for part in self.ignored)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            url = message.location.get("url", "")
            self.errors.append(f"console: {message.text} at {url}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.base_url, "data:", "blob:")):
            self.errors.append(f"request to another host: {request.url}")

    def _on_failure(self, request: Request) -> None:
        if request.failure != ABORTED:
            self.errors.append(f"failed: {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.errors.append(f"status {response.status}: {response.url}")
