from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from documents.models import Workspace
from tests.library import Library, make_library


def test_an_open_server_needs_no_login(browser: Client) -> None:
    assert browser.get("/webui/").status_code == 200


@pytest.mark.parametrize("path", ["", "chat/", "graph/", "graph/data", "documents/x/"])
def test_a_protected_server_redirects_to_the_login(closed: None, path: str) -> None:
    answer = Client().get(f"/webui/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/webui/login/?next=")


def test_a_script_gets_401_without_a_login(closed: None, browser: Client) -> None:
    answer = browser.post("/webui/chat/ask", {}, "application/json")
    assert answer.status_code == 401


def test_the_login_redirects_to_the_requested_page(closed: None) -> None:
    User.objects.create_superuser("ada", password="secret")
    form = {"username": "ada", "password": "secret", "next": "/webui/chat/"}
    client = Client()
    assert client.post("/webui/login/", form)["Location"] == "/webui/chat/"
    assert client.get("/webui/chat/").status_code == 200


def test_the_login_does_not_redirect_to_other_sites(closed: None) -> None:
    User.objects.create_superuser("ada", password="secret")
    form = {"username": "ada", "password": "secret", "next": "https://evil.example/"}
    assert Client().post("/webui/login/", form)["Location"] == "/webui/"


def test_a_reader_cannot_delete(closed: None, own_workspace: Workspace) -> None:
    library: Library = make_library(own_workspace)
    reader = User.objects.create_user("reader", password="secret")
    reader.user_permissions.add(Permission.objects.get(codename="view_document"))
    client = Client(headers={"X-Page-Script": "1"})
    client.force_login(reader)
    assert 'data-action="delete"' not in client.get("/webui/").content.decode()
    body = {"action": "delete", "ids": [library.document.public_id]}
    answer = client.post("/webui/delete", body, "application/json")
    assert answer.status_code == 403
    assert client.get("/webui/graph/data").status_code == 403


def test_a_user_without_permissions_gets_403(closed: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    answer = client.get("/webui/")
    assert answer.status_code == 403
    assert "stranger" in answer.content.decode()


def test_a_form_without_csrf_token_is_refused(own_workspace: Workspace) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/webui/act", {"action": "cancel"}, "application/json")
    assert answer.status_code == 403


def test_the_selected_workspace_is_remembered(browser: Client) -> None:
    Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    browser.post("/webui/workspace", {"workspace": "other", "back": "/webui/chat/"})
    text = browser.get("/webui/chat/").content.decode()
    assert '<meta name="workspace" content="other">' in text


def test_the_workspace_form_does_not_redirect_to_other_sites(browser: Client) -> None:
    form = {"workspace": "default", "back": "//evil.example/"}
    assert browser.post("/webui/workspace", form)["Location"] == "/webui/"
