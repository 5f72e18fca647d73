"""Error responses in LightRAG's form."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from compat_api.http import json_errors
from compat_api.lightrag import errors
from retrieval.llm import errors as llm
from tests.compat_api.conftest import Api


def test_unknown_path_is_answered_in_json(api: Api) -> None:
    answer = api.get("/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_trailing_slash_redirects_to_the_path_without_it(api: Api) -> None:
    answer = api.post("/documents/paginated/?x=1", {})
    assert answer.status_code == 307
    assert answer["Location"] == "/documents/paginated?x=1"
    assert api.get("/nowhere/").status_code == 404


@pytest.mark.parametrize("path", ["//evil.org/", "//evil.org/health/", "//"])
def test_trailing_slash_never_redirects_to_another_host(path: str) -> None:
    request = RequestFactory().get("/")
    request.path = request.path_info = path
    assert json_errors.redirect_without_slash(request) is None


def test_unsupported_method_is_answered_in_json(api: Api) -> None:
    answer = api.get("/query")
    assert (answer.status_code, answer.json()) == (
        405,
        {"detail": "Method Not Allowed"},
    )
    assert answer["Allow"] == "POST"


def test_path_with_nul_is_not_found(api: Api) -> None:
    assert api.get("/documents/track_status/a%00b").status_code == 404
    assert api.get("/graph/label/search?q=%00a").status_code == 200


def test_error_names_the_unknown_workspace(api: Api) -> None:
    api.headers = {"LIGHTRAG-WORKSPACE": "no-such"}
    answer = api.get("/documents/status_counts")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Workspace not found: no_such."}


@pytest.mark.parametrize("body", [5, [], "text"])
@pytest.mark.parametrize("path", ["/documents/paginated", "/documents/clear_cache"])
def test_body_that_is_not_an_object_is_invalid(api: Api, path: str, body: Any) -> None:
    """django-ninja alone would accept it as an object without fields."""
    text = json.dumps(body)
    answer = Client().post(path, text, content_type="application/json")
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("model_attributes_type", ["body"])
    assert error["input"] == body


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", ""]
)
def test_body_without_a_json_content_type_is_invalid(api: Api, kind: str) -> None:
    """A page of another origin may send these types without a preflight request."""
    answer = Client().post("/documents/paginated", b"{}", content_type=kind)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["input"]) == ("model_attributes_type", "{}")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "application/x+json"]
)
def test_several_json_content_types_are_accepted(api: Api, kind: str) -> None:
    answer = Client().post("/documents/paginated", b"{}", content_type=kind)
    assert answer.status_code == 200


def test_error_for_a_missing_field_contains_the_object(api: Api) -> None:
    answer = api.post("/graph/entity/edit", {"entity_name": "Radium"})
    [error] = answer.json()["detail"]
    assert error["loc"] == ["body", "updated_data"]
    assert error["input"] == {"entity_name": "Radium"}


@pytest.mark.parametrize("path", ["/login", "/documents/upload"])
def test_missing_form_field_has_null_input(api: Api, path: str) -> None:
    answer = Client().post(path, {"scope": "none"})
    assert answer.status_code == 422
    assert {error["input"] for error in answer.json()["detail"]} == {None}


def test_null_body_is_a_missing_body(api: Api) -> None:
    answer = Client().post("/query", "null", content_type="application/json")
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["body"])


def test_error_for_a_number_contains_value_and_bound(api: Api) -> None:
    answer = api.post("/documents/paginated", {"page_size": 5})
    assert answer.status_code == 422
    assert answer.json() == {
        "detail": [
            {
                "type": "greater_than_equal",
                "loc": ["body", "page_size"],
                "msg": "Input should be greater than or equal to 10",
                "input": 5,
                "ctx": {"ge": 10},
            }
        ]
    }


def test_empty_list_of_documents_is_invalid(api: Api) -> None:
    answer = api.delete("/documents/delete_document", {"doc_ids": []})
    assert answer.json() == {
        "detail": [
            {
                "type": "value_error",
                "loc": ["body", "doc_ids"],
                "msg": "Value error, Document IDs list cannot be empty",
                "input": [],
                "ctx": {"error": {}},
            }
        ]
    }


def test_unknown_chunking_parameter_is_a_field_error(api: Api) -> None:
    params = {"chunk_token_size": 8, "foo": 1}
    chunking = {"strategy": "recursive_character", "params": params}
    body = {"text": "Alpha", "file_source": "bad.txt", "chunking": chunking}
    answer = api.post("/documents/text", body)
    assert answer.status_code == 422
    assert answer.json() == {
        "detail": [
            {
                "type": "extra_forbidden",
                "loc": ["body", "chunking", "foo"],
                "msg": "Extra inputs are not permitted",
                "input": 1,
            }
        ]
    }


def test_missing_query_parameter_is_a_field_error(api: Api) -> None:
    answer = api.get("/graphs")
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["query", "label"])
    assert error["input"] is None


def test_request_without_a_body_is_invalid(api: Api) -> None:
    answer = api.post("/query")
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["body"])
    assert error["input"] is None


def test_error_for_invalid_json_contains_the_position(api: Api) -> None:
    answer = Client().post("/query", b'{"query": ', content_type="application/json")
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("json_invalid", ["body", 10])


@pytest.mark.parametrize("body", [b'{"query": "\xff"}', b"[" * 100_000])
def test_undecodable_body_is_a_bad_request(api: Api, body: bytes) -> None:
    answer = Client().post("/query", body, content_type="application/json")
    assert answer.status_code == 400


def test_query_data_reports_an_undecodable_body_in_its_own_form(api: Api) -> None:
    json_type = "application/json"
    answer = Client().post("/query/data", b'{"query": "\xff"}', content_type=json_type)
    assert answer.status_code == 400
    assert answer.json()["status"] == "failure"
    assert answer.json()["message"] == "Cannot parse request body"


def test_malformed_form_is_a_bad_request(api: Api) -> None:
    answer = Client().post(
        "/documents/upload", b"x", content_type="multipart/form-data"
    )
    assert answer.status_code == 400


def test_query_data_has_its_own_form_of_validation_errors(api: Api) -> None:
    answer = api.post("/query/data", {"query": "abcd", "mode": "foo"})
    assert answer.status_code == 400
    assert answer.json() == {
        "status": "failure",
        "message": "Validation error: body -> mode: Input should be 'local', 'global',"
        " 'hybrid', 'naive', 'mix' or 'bypass'",
        "data": {},
        "metadata": {},
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (llm.ProviderDown("The model is down."), 502),
        (llm.BadCredentials("No such key."), 502),
        (llm.BadAnswer("Nonsense."), 502),
        (llm.RequestRefused("Refused."), 502),
        (llm.ContextTooLong("Too long."), 400),
        (llm.ProviderTimeout("Too slow."), 504),
        (llm.NotConfigured("None."), 503),
    ],
)
def test_model_failure_is_reported_with_its_reason(
    error: llm.LLMError, status: int
) -> None:
    answer = errors.on_llm_error(RequestFactory().post("/query"), error)
    assert answer.status_code == status
    assert json.loads(answer.content) == {"detail": str(error)}


def test_rate_limit_sets_retry_after() -> None:
    error = llm.RateLimited("Slow down.", retry_after=2.4)
    answer = errors.on_llm_error(RequestFactory().post("/query"), error)
    assert (answer.status_code, answer["Retry-After"]) == (429, "3")


def test_unreachable_database_is_503() -> None:
    error = OperationalError("connection to db.internal failed for user postgres")
    answer = errors.on_database_error(RequestFactory().get("/documents"), error)
    assert answer.status_code == 503
    assert b"db.internal" not in answer.content


def test_unexpected_error_is_logged_with_the_id_in_the_response(
    caplog: pytest.LogCaptureFixture,
) -> None:
    request: HttpRequest = RequestFactory().get("/documents")
    with caplog.at_level(logging.ERROR):
        answer = errors.on_unexpected(request, RuntimeError("secret"))
    body: dict[str, Any] = json.loads(answer.content)
    assert answer.status_code == 500
    assert body["detail"].startswith("Internal server error (error_id: ")
    assert "secret" not in body["detail"]
    assert body["detail"][-13:-1] in caplog.text
