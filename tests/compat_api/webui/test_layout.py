from __future__ import annotations

import pytest
from django.test import Client

from compat_api.webui import layout
from documents.models import Workspace

BANNER = "The scripts of these pages are not built"


@pytest.mark.parametrize("path", ["", "graph/", "chat/"])
def test_pages_show_a_notice_if_their_scripts_are_missing(
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


def test_many_workspaces_are_suggested_instead_of_listed(
    monkeypatch: pytest.MonkeyPatch, browser: Client
) -> None:
    workspaces = [Workspace(name=f"w{n}", embedding_dimensions=64) for n in range(2)]
    for workspace in workspaces:
        workspace.save()
    assert "<option>w1</option>" in browser.get("/webui/").content.decode()
    monkeypatch.setattr(layout, "MAX_LISTED_WORKSPACES", 2)
    text = browser.get("/webui/").content.decode()
    assert "<option>w1</option>" not in text
    assert 'data-suggest="/webui/workspaces"' in text
    names = browser.get("/webui/workspaces", {"q": "1"}).json()["names"]
    assert names == ["w1"]
