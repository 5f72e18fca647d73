"""Every route of every dialect with every role, inside and outside of the workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ninja import NinjaAPI

from compat_api.auth import api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.lightrag.api import lightrag
from compat_api.models import Role
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from documents.workspaces import lookup
from tests.compat_api.conftest import Api

WRITE_OPERATIONS = {
    "POST /documents/upload",
    "POST /documents/text",
    "POST /documents/texts",
    "POST /documents/scan",
    "POST /documents/reprocess_failed",
    "POST /documents/cancel_pipeline",
    "POST /documents/source_conflicts/repair",
    "PUT /documents/{document_id}",
    "PUT /documents/{document_id}/tags",
    "DELETE /documents/delete_document",
    "DELETE /documents/delete_entity",
    "DELETE /documents/delete_relation",
    "POST /graph/entity/edit",
    "POST /graph/relation/edit",
    "POST /graph/entity/create",
    "POST /graph/relation/create",
    "POST /graph/entities/merge",
    "POST /graph/entities/split",
    "DELETE /graph/entity/delete",
    "DELETE /graph/relation/delete",
}
ADMIN_OPERATIONS = {
    "DELETE /documents",
    "POST /documents/clear_cache",
    "POST /documents/recovery/force_reset",
}
"""Operations in neither set need the role read. The sets do not use the declarations at
the routes, which they verify."""


def operations(api: NinjaAPI) -> Iterator[str]:
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            if "security" in operation or api is not lightrag:
                yield f"{method.upper()} {path}"


ALL = sorted({route for api in (lightrag, openai, ollama) for route in operations(api)})


def needed(operation: str) -> Role:
    if operation in ADMIN_OPERATIONS or (
        " /workspaces" in operation and "GET" not in operation
    ):
        return Role.ADMIN
    return Role.WRITE if operation in WRITE_OPERATIONS else Role.READ


def status(operation: str, key: str, workspace: str) -> tuple[int, str]:
    """Return status and body of a request with an empty body."""
    method, path = operation.split()
    path = re.sub(r"\{[^}]*\}", "x", path)
    headers = {"X-API-Key": key}
    if workspace:
        headers["LIGHTRAG-WORKSPACE"] = workspace
    answer: Any = (
        getattr(Client(raise_request_exception=False), method.lower())(
            path, data="{}", content_type="application/json", headers=headers
        )
        if method != "GET"
        else Client().get(path, headers=headers)
    )
    return answer.status_code, "" if answer.streaming else answer.content.decode()


@pytest.fixture
def texts(api: Api) -> dict[Role, str]:
    """Create a key of each role for the workspace `mine`; `yours` exists as well."""
    mine = lookup.ensure("mine")
    lookup.ensure("yours")
    return {
        right: api_keys.create(NewKey(right.word, right, [mine]))[1]
        for right in Role
        if right
    }


def test_matrix_contains_every_route() -> None:
    assert set(ALL) >= WRITE_OPERATIONS | ADMIN_OPERATIONS
    assert len(ALL) > 50


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(ALL),
    right=st.sampled_from([right for right in Role if right]),
    workspace=st.sampled_from(["", "mine", "yours", "nowhere"]),
)
def test_key_is_admitted_by_role_and_workspace(
    texts: dict[Role, str], operation: str, right: Role, workspace: str
) -> None:
    code, words = status(operation, texts[right], workspace)
    assert code < 500
    assert code not in (401, 405, 429)
    if right < needed(operation):
        assert code == 403
        assert f"This needs the role '{needed(operation).word}'" in words
    else:
        assert "This needs the role" not in words
    if code == 200 and workspace in ("yours", "nowhere"):
        assert operation in WITHOUT_WORKSPACE


WITHOUT_WORKSPACE = {
    "GET /workspaces",
    "GET /health",
    "GET /documents/supported_file_types",
    "GET /documents/source_conflicts",
    "POST /documents/recovery/force_reset",
    "GET /v1/models",
    "GET /api/v1/models",
    "GET /api/version",
    "GET /api/tags",
    "GET /api/ps",
    "POST /api/show",
}
"""Routes that use no workspace, so none is refused."""


@pytest.mark.parametrize("operation", ALL)
def test_no_route_is_open_without_a_key(texts: dict[Role, str], operation: str) -> None:
    code, _ = status(operation, "", "")
    if operation == "GET /health":
        assert code == 200
    else:
        assert code in (401, 403)
