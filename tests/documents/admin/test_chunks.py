"""The page and the search of chunks in the admin."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from retrieval.index import lexical
from tests.library import Library


def test_a_chunk_page_marks_its_entities_in_the_text(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    url = reverse("admin:documents_chunk_change", args=[library.chunk.pk])
    with django_assert_max_num_queries(7):
        admin_client.get(url)
    text = admin_client.get(url).content.decode()
    ada = reverse("admin:graph_entity_change", args=[library.ada.pk])
    assert f'<a href="{ada}"><mark>Ada</mark></a> knew' in text


def test_chunks_are_searched_by_words_in_any_script(
    library: Library, admin_client: Client
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_chunk (index_id, chunk_id, lexical, text_hash)"
            " VALUES (%s, %s, %s, '')",
            [
                library.workspace.search_index,
                library.chunk.pk,
                lexical.segment(library.chunk.content),
            ],
        )
    url = reverse("admin:documents_chunk_changelist")
    for term in ("babbage's", "王小明", "processed-0"):
        rows = admin_client.get(url, {"q": term}).context["cl"].result_list
        assert library.chunk in rows
    assert not admin_client.get(url, {"q": "..."}).context["cl"].result_list
