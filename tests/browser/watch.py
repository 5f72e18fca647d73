"""What a page must not do while it is looked at: complain, fail to load, or call home."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response

INTERRUPTED = "net::ERR_ABORTED"
"""A page that is left drops what it was asking for."""


@dataclass  # without slots: Playwright leaves a mark on whose methods it calls
class Watch:
    """Collects complaints about one page. `forgive` what a test brings about itself."""

    base_url: str
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def forgive(self, part: str) -> None:
        """Complaints with this text in them (an address, a status) do not count."""
        self.forgiven.append(part)

    @property
    def serious(self) -> list[str]:
        """What is left when the forgiven is taken out."""
        return [
            complaint
            for complaint in self.complaints
            if not any(part in complaint for part in self.forgiven)
        ]

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self._complain(f"console: {message.text} at {where}")

    def _asked(self, request: Request) -> None:
        inside = (self.base_url, "data:", "blob:")
        if not request.url.startswith(inside):
            self._complain(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != INTERRUPTED:
            self._complain(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"answered {response.status}: {response.url}")
