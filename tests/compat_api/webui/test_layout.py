from __future__ import annotations

import pytest
from django.test import Client

from compat_api.webui import layout
from documents.models import Workspace

BANNER = "The scripts of these pages are not built"


@pytest.mark.parametrize("path", ["", "graph/", "chat/"])
def test_pages_say_that_their_scripts_are_missing(
    monkeypatch: pytest.MonkeyPatch, browser: Client, path: str
) -> None:
    monkeypatch.setattr(layout, "SCRIPT", "webui/build/missing.js")
    text = browser.get(f"/webui/{path}").content.decode()
    assert BANNER in text
    assert "make webui" in text


def test_pages_with_scripts_have_no_banner(
    monkeypatch: pytest.MonkeyPatch, browser: Client, own_workspace: Workspace
) -> None:
    monkeypatch.setattr(layout, "SCRIPT", "webui/layout.css")
    assert BANNER not in browser.get("/webui/").content.decode()
