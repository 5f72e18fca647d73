from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Workspace
from retrieval.models import Feedback


def feedback_body(**values: object) -> dict[str, Any]:
    body = {
        "key": str(uuid4()),
        "verdict": "good",
        "question": "Who was Ada?",
        "mode": "mix",
        "answer": "She wrote notes [1].",
        "references": [
            {"reference_id": "1", "file_path": "a.md", "document_id": "doc-a"}
        ],
        "cited_chunks": ["doc-a-chunk-000"],
        "context_chunks": ["doc-a-chunk-000", "doc-a-chunk-003"],
    }
    return body | values


def test_feedback_is_stored_with_the_answer_and_its_chunks(browser: Client) -> None:
    answer = browser.post("/webui/chat/feedback", feedback_body(), "application/json")
    assert answer.json() == {"verdict": "good"}
    feedback = Feedback.objects.get()
    assert feedback.cited_chunks == ["doc-a-chunk-000"]
    assert feedback.references[0]["file_path"] == "a.md"
    assert feedback.author == ""


def test_feedback_is_withdrawn(browser: Client) -> None:
    body = feedback_body()
    browser.post("/webui/chat/feedback", body, "application/json")
    browser.post("/webui/chat/feedback", body | {"verdict": ""}, "application/json")
    assert not Feedback.objects.exists()


def test_the_author_is_stored_if_users_log_in(closed: None, browser: Client) -> None:
    browser.force_login(User.objects.create_superuser("ada"))
    browser.post("/webui/chat/feedback", feedback_body(), "application/json")
    assert Feedback.objects.get().author == "ada"


@pytest.mark.parametrize(
    "wrong", [{"verdict": "so-so"}, {"answer": "\x00"}, {"mode": "x"}, {"key": "1"}]
)
def test_invalid_feedback_is_rejected(
    browser: Client, own_workspace: Workspace, wrong: dict[str, str]
) -> None:
    answer = browser.post(
        "/webui/chat/feedback", feedback_body(**wrong), "application/json"
    )
    assert answer.status_code == 422
    assert not Feedback.objects.exists()
