"""Access, workspaces and browsable pages of the resource API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from documents.models import Workspace
from graph.models import AuditEntry
from tests import library
from tests.compat_api.rest.conftest import HOME, results
from tests.library import Library


def test_root_lists_the_workspaces(client: APIClient, workspace: Workspace) -> None:
    assert (
        client.get("/resources/")
        .json()["workspaces"]
        .endswith("/resources/workspaces/")
    )
    assert [row["name"] for row in results(client.get("/resources/workspaces/"))] == [
        "tests"
    ]
    assert client.get(HOME).json()["embedding_dimensions"] == 64
    assert set(client.get(f"{HOME}").json()) >= {"name", "version", "created_at"}


def test_nothing_is_open_with_a_key_configured(
    client: APIClient, shelf: Library, configure: Callable[..., None]
) -> None:
    configure(api_key="secret")
    for address in ("/resources/", HOME, f"{HOME}entities/", "/resources/schema/"):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert b"API Key required" in answer.content
        assert client.get(address, headers={"X-API-Key": "secret"}).status_code == 200
    assert client.get(HOME, HTTP_ACCEPT="text/html").status_code == 403
    bearer = client.get(HOME, headers={"Authorization": "Bearer nonsense"})
    assert bearer.status_code == 401
    assert bearer["WWW-Authenticate"] == "Bearer"


def test_unknown_workspace_is_not_found_and_not_created(client: APIClient) -> None:
    answer = client.get("/resources/workspaces/nowhere/documents/")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Workspace not found: nowhere."}
    assert not Workspace.objects.filter(name="nowhere").exists()


def test_a_header_that_names_another_workspace_is_refused(
    client: APIClient, workspace: Workspace
) -> None:
    address = f"{HOME}documents/"
    other = client.get(address, headers={"LIGHTRAG-WORKSPACE": "other"})
    assert other.status_code == 400
    assert "LIGHTRAG-WORKSPACE" in other.json()
    answer = client.get(address, headers={"LIGHTRAG-WORKSPACE": "tests"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "part", ["", "documents/", "entities/", "relations/", "chunks/"]
)
def test_browsable_page_loads_nothing_from_other_servers(
    client: APIClient, shelf: Library, part: str
) -> None:
    page = client.get(f"{HOME}{part}", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "default-src 'none'" in page["Content-Security-Policy"]
    text = page.content.decode()
    assert "<script>" not in text
    assert 'src="http' not in text
    assert 'rel="stylesheet" type="text/css" href="/static/' in text


def test_schema_and_its_pages_are_served(client: APIClient) -> None:
    schema: Any = client.get("/resources/schema/?format=json").json()
    assert "/resources/workspaces/{workspace}/documents/" in schema["paths"]
    swagger = client.get("/resources/schema/swagger/")
    assert b"/static/drf_spectacular_sidecar/" in swagger.content
    assert b"<script>" not in swagger.content
    redoc = client.get("/resources/schema/redoc/")
    assert b"googleapis" not in redoc.content


def test_schema_can_be_disabled(
    client: APIClient, configure: Callable[..., None]
) -> None:
    configure(api_docs=False)
    for page in ("", "swagger/", "redoc/"):
        assert client.get(f"/resources/schema/{page}").status_code == 404


def test_no_url_shows_data_of_another_workspace(
    client: APIClient, workspace: Workspace
) -> None:
    theirs = Workspace.objects.create(
        name="theirs", embedding_model="fake:hash", embedding_dimensions=64
    )
    shelf = library.make_library(theirs)
    ids = {
        "documents": shelf.document.public_id,
        "chunks": shelf.chunk.public_id,
        "entities": shelf.ada.pk,
        "relations": shelf.knows.pk,
    }
    for kind, row in ids.items():
        assert results(client.get(f"{HOME}{kind}/")) == []
        for method in ("get", "patch", "delete"):
            answer = getattr(client, method)(f"{HOME}{kind}/{row}/", {}, format="json")
            assert answer.status_code in (404, 405)
    schema: Any = client.get("/resources/schema/?format=json").json()
    for path, methods in schema["paths"].items():
        for kind, row in ids.items():
            path = path.replace(
                f"{{{kind.removesuffix('s').replace('entitie', 'entity')}}}", str(row)
            )
        path = path.replace("{workspace}", "tests")
        for method in methods:
            answer = getattr(client, method)(path, {}, format="json")
            assert answer.status_code < 500
            assert "Ada" not in answer.content.decode(), path
    assert shelf.ada.__class__.objects.filter(workspace=theirs).count() == 3


@pytest.fixture
def librarian(client: APIClient, configure: Callable[..., None]) -> User:
    """Return a browser with a logged-in staff user, on a closed server."""
    configure(api_key="secret")
    user = User.objects.create_user("ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return user


def test_logged_in_staff_may_read(
    client: APIClient, librarian: User, shelf: Library
) -> None:
    client.force_login(librarian)
    page = client.get(f"{HOME}entities/", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert client.post(f"{HOME}entities/", {}, format="json").status_code == 403
    librarian.is_staff = False
    librarian.save()
    assert client.get(HOME).status_code == 403


def test_session_is_protected_against_csrf(
    client: APIClient, librarian: User, shelf: Library
) -> None:
    librarian.is_superuser = True
    librarian.save()
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(librarian)
    new = {"name": "Somerville", "description": "A mathematician."}
    refused = browser.post(f"{HOME}entities/", new, format="json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    token = browser.get(HOME, HTTP_ACCEPT="text/html").cookies["csrftoken"].value
    headers = {"X-CSRFToken": token}
    created = browser.post(f"{HOME}entities/", new, format="json", headers=headers)
    assert created.status_code == 201
    entry = AuditEntry.objects.filter(action="entity.create").latest("pk")
    assert (entry.actor_kind, entry.actor) == ("user", "ada")
