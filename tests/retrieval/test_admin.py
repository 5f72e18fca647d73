"""The admin's dashboard and its list of cached completions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from documents.models import Status, Workspace
from graph.models import AuditEntry
from retrieval.admin import figures
from retrieval.llm.usage.models import LLMCache, LLMCall
from tests.library import make_documents, make_library

CACHE = "admin:retrieval_llmcache_changelist"

MANY_DOCUMENTS = """
INSERT INTO documents_document (workspace_id, public_id, name, status, source_path,
    content_summary, content_length, content_hash, track_id, chunks_count, error_msg,
    chunking, metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at)
SELECT %s, 'doc-' || n, n || '.txt', CASE WHEN n %% 100 = 0 THEN 'failed'
    WHEN n %% 1000 = 1 THEN 'processing' ELSE 'processed' END,
    '', '', 100, '', 'upload_1', 3, '', '{}', '{}', '{}', false, 0, '',
    now() - n * interval '1 minute', now() - n * interval '1 minute'
FROM generate_series(1, 100000) AS n
"""


def make_completions(workspace: Workspace, number: int) -> None:
    LLMCache.objects.bulk_create(
        LLMCache(
            workspace=workspace,
            purpose="extract",
            key=f"extract-{n}",
            model="fake",
            response="{}",
        )
        for n in range(number)
    )


def make_calls(workspace: Workspace, purpose: str, number: int, days_ago: int) -> None:
    calls = LLMCall.objects.bulk_create(
        LLMCall(
            workspace=workspace,
            purpose=purpose,
            model="fake",
            prompt_tokens=90,
            completion_tokens=10,
        )
        for _ in range(number)
    )
    # auto_now_add sets the current time.
    LLMCall.objects.filter(pk__in=[entry.pk for entry in calls]).update(
        created_at=timezone.now() - timedelta(days=days_ago)
    )


def test_the_dashboard_sums_documents_graph_and_usage(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_library(workspace)
    make_documents(workspace, 3, Status.FAILED)
    make_calls(workspace, "extract", 3, days_ago=0)
    make_calls(workspace, "query", 2, days_ago=5)
    make_calls(workspace, "query", 1, days_ago=40)
    with connection.cursor() as cursor:  # other tests have left large estimates
        cursor.execute("ANALYZE documents_chunk, graph_entity, graph_relation")
    with django_assert_max_num_queries(13):
        response = admin_client.get(reverse("admin:index"))
    context = response.context
    assert {item.value: item.count for item in context["statuses"]} == {
        "": 4,
        "processed": 1,
        "failed": 3,
    }
    assert [(size.name, size.rows) for size in context["sizes"]] == [
        ("Chunks", 2),
        ("Entities", 3),
        ("Relations", 2),
    ]
    assert (context["calls_total"], context["tokens_total"]) == (5, 500)
    assert len(context["errors"]) == 3
    assert "The model did not answer." in response.content.decode()


def test_usage_is_summed_by_day_and_purpose(workspace: Workspace) -> None:
    make_calls(workspace, "extract", 3, days_ago=0)
    make_calls(workspace, "query", 2, days_ago=0)
    rows = figures.daily_usage(figures.first_day())
    assert {(row.purpose, row.calls, row.tokens) for row in rows} == {
        ("extract", 3, 300),
        ("query", 2, 200),
    }


def test_an_empty_server_offers_to_upload_documents(
    db: None, admin_client: Client
) -> None:
    text = admin_client.get(reverse("admin:index")).content.decode()
    assert "No documents yet" in text
    assert reverse("admin:documents_document_add") in text


def test_staff_without_permission_see_no_figures(
    db: None, client: Client, django_user_model: type
) -> None:
    user = django_user_model.objects.create_user("guest", is_staff=True)  # type: ignore[attr-defined]
    client.force_login(user)
    response = client.get(reverse("admin:index"))
    assert response.status_code == 200
    assert "statuses" not in response.context


@pytest.mark.parametrize("filters", [{}, {"purpose__exact": "extract"}])
def test_the_list_of_completions_takes_few_queries(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    filters: dict[str, str],
) -> None:
    make_completions(workspace, 120)
    with django_assert_max_num_queries(5):
        response = admin_client.get(reverse(CACHE), filters)
    assert len(response.context["cl"].result_list) == 50


def test_a_completion_is_shown_and_cannot_be_changed(
    workspace: Workspace, admin_client: Client
) -> None:
    make_completions(workspace, 1)
    entry = LLMCache.objects.get()
    url = reverse("admin:retrieval_llmcache_change", args=[entry.pk])
    assert "fake" in admin_client.get(url).content.decode()
    assert admin_client.post(url, {"response": "x"}).status_code == 403


def test_deleting_completions_is_recorded_in_the_audit_trail(
    workspace: Workspace, admin_client: Client
) -> None:
    make_completions(workspace, 3)
    first, *remaining = LLMCache.objects.order_by("pk")
    admin_client.post(
        reverse("admin:retrieval_llmcache_delete", args=[first.pk]), {"post": "yes"}
    )
    selected = {
        "action": "delete_selected",
        "_selected_action": [row.pk for row in remaining],
    }
    admin_client.post(reverse(CACHE), selected | {"post": "yes"})
    assert not LLMCache.objects.exists()
    rows = AuditEntry.objects.filter(action="cache.clear").order_by("pk")
    assert [row.details["count"] for row in rows] == [1, 2]


def test_dashboard_and_list_are_fast_with_a_hundred_thousand_documents(
    workspace: Workspace, admin_client: Client
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY_DOCUMENTS, [workspace.pk])
        cursor.execute("ANALYZE documents_document")
    with CaptureQueriesContext(connection) as queries:
        front = admin_client.get(reverse("admin:index"))
        admin_client.get(reverse("admin:documents_document_changelist"))
    assert front.context["statuses"][0].count == 100_000
    # Both together take 0.2 s on a quiet machine; a query per row would take minutes.
    assert sum(float(query["time"]) for query in queries.captured_queries) < 3
    assert len(queries) <= 13 + 8
