"""The export of feedback as an evaluation set."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import Workspace
from retrieval.evaluation import questions
from retrieval.evaluation.questions import GoldQuestion
from retrieval.models import Feedback

LIST = "admin:retrieval_feedback_changelist"


def rate(workspace: Workspace, number: int, verdict: str, *cited: str) -> Feedback:
    return Feedback.objects.create(
        workspace=workspace,
        answer_key=UUID(int=number),
        verdict=verdict,
        question=f"Who was 居里 ({number})?",
        mode="mix",
        answer="A chemist [1]",
        cited_chunks=cited,
    )


def test_the_button_exports_good_answers_with_citations(
    admin_client: Client, workspace: Workspace
) -> None:
    rate(workspace, 1, "good", "doc-a-chunk-001", "doc-a-chunk-000")
    rate(workspace, 2, "bad", "doc-a-chunk-001")
    rate(workspace, 3, "good")
    page = admin_client.get(reverse(LIST)).content.decode()
    url = reverse("admin:retrieval_feedback_export_all")
    assert url in page
    response = admin_client.get(url)
    assert response["Content-Disposition"] == 'attachment; filename="questions.jsonl"'
    assert questions.read(response.content.decode().splitlines()) == [
        GoldQuestion(
            "Who was 居里 (1)?",
            frozenset({"doc-a-chunk-000", "doc-a-chunk-001"}),
            workspace=workspace.name,
        )
    ]


def test_the_action_exports_the_selected_rows(
    admin_client: Client, workspace: Workspace
) -> None:
    rate(workspace, 1, "good", "doc-a-chunk-001")
    selected = rate(workspace, 2, "good", "doc-b-chunk-000")
    data = {"action": "export_selected", "_selected_action": [selected.pk]}
    response = admin_client.post(reverse(LIST), data)
    (row,) = questions.read(response.content.decode().splitlines())
    assert row.gold == {"doc-b-chunk-000"}


def test_without_good_answers_a_message_says_so(
    admin_client: Client, workspace: Workspace
) -> None:
    rate(workspace, 1, "bad", "doc-a-chunk-001")
    url = reverse("admin:retrieval_feedback_export_all")
    page = admin_client.get(url, follow=True).content.decode()
    assert "No answer with citations has been rated good yet." in page


@pytest.mark.django_db
def test_the_export_needs_the_permission_to_view(client: Client) -> None:
    url = reverse("admin:retrieval_feedback_export_all")
    assert client.get(url).status_code in (302, 403)
