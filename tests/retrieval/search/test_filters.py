"""Filters: nothing of an excluded document is returned, everything else is found."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compat_api.lightrag.retrieved_data import as_data
from documents.models import Document
from graph.models import Entity, EntityMention, RelationMention
from retrieval.context.prompt_context import Context
from retrieval.llm.testing.fake import FakeChat
from retrieval.llm.usage.models import LLMCache
from retrieval.query import answer
from retrieval.search import hybrid_search, retrievers, search_transaction
from retrieval.search.filters import Filters
from retrieval.search.params import Mode, QueryParams
from tests import own_tables
from tests.retrieval.conftest import (
    Configure,
    Library,
    analysed,
    literal,
    statements,
)

QUESTION = "Who told Zorvek about the Works?"
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
NAMES = ("alpha.txt", "beta.pdf", "Alpine_notes.md", "gamma.txt", "100%.txt")
TAGS: tuple[list[str], ...] = (["tax"], ["tax", "2024"], [], ["2024"], ["other"])
GRAPH_MODES = [Mode.LOCAL, Mode.GLOBAL, Mode.HYBRID, Mode.MIX]


def mark(number: int) -> str:
    """Return a word that only this document contains."""
    return f"zq{number}qz"


@pytest.fixture
def marked(library: Library, configure: Configure) -> Library:
    """Return five documents about the same entities, each with its own words."""
    configure(query__keyword_extraction="none", query__cosine_threshold=-1.0)
    chunks = []
    for number, name in enumerate(NAMES):
        (chunk,) = library.document(name, f"Zorvek told the Works {mark(number)}.")
        Document.objects.filter(name=name).update(
            tags=TAGS[number], created_at=FIRST + timedelta(days=number)
        )
        chunks.append(chunk)
    everything = " ".join(map(mark, range(len(NAMES))))
    # Two merged names: the displayed one comes from the first document.
    fused = library.entity(f"Zorvek {mark(0)}", everything)
    works = library.entity("Works", everything)
    relation = library.relation(fused, works, everything)
    relation.keywords = everything
    relation.save()
    for number, chunk in enumerate(chunks):
        thing = library.entity(f"Thing {mark(number)}", mark(number), chunk)
        library.relation(thing, works, f"Works {mark(number)}", chunk)
        for entity, name in ((fused, f"Zorvek {mark(number)}"), (works, "Works")):
            EntityMention.objects.create(
                entity=entity,
                chunk=chunk,
                mentioned_name=name,
                entity_type=f"type {mark(number)}",
                description=f"{name} is {mark(number)}",
            )
        RelationMention.objects.create(
            relation=relation,
            chunk=chunk,
            mentioned_source=fused.name,
            mentioned_target="Works",
            description=f"told {mark(number)}",
            keywords=f"telling,{mark(number)}",
            weight=number + 1,
        )
    return library


def find(library: Library, only: Filters, mode: Mode = Mode.MIX) -> Context:
    params = QueryParams(QUESTION, mode, filters=only)
    return async_to_sync(answer.retrieve)(library.workspace, params)


def documents_in(context: Context) -> set[int]:
    """Return the documents whose words occur anywhere in the context."""
    text = f"{as_data(context, '')} {context.text} {context.references}"
    files = {number for number, name in enumerate(NAMES) if name in text}
    return files | {int(number) for number in re.findall(r"zq(\d)qz", text)}


def allowed(only: Filters) -> set[int]:
    """Return the documents that a filter allows, computed without SQL."""
    return {
        number
        for number, name in enumerate(NAMES)
        if (not only.document_ids or f"doc-{name}" in only.document_ids)
        and (not only.tags or set(only.tags) & set(TAGS[number]))
        and (not only.file_name or fnmatchcase(name.lower(), only.file_name.lower()))
        and (only.created_after or FIRST) <= FIRST + timedelta(days=number)
        and (
            not only.created_before
            or FIRST + timedelta(days=number) < only.created_before
        )
    }


days = st.none() | st.integers(-1, 6).map(lambda day: FIRST + timedelta(days=day))
any_filter = st.builds(
    Filters,
    document_ids=st.lists(
        st.sampled_from([f"doc-{name}" for name in (*NAMES, "none")]), max_size=3
    ).map(tuple),
    tags=st.lists(st.sampled_from(["tax", "2024", "none"]), max_size=2).map(tuple),
    file_name=st.sampled_from(["", "*", "*.txt", "AL*", "?lpha.txt", "100%*", "alp_*"]),
    created_after=days,
    created_before=days,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(only=any_filter, mode=st.sampled_from([*GRAPH_MODES, Mode.NAIVE]))
def test_nothing_of_excluded_documents_is_returned(
    marked: Library, only: Filters, mode: Mode
) -> None:
    result = find(marked, only, mode)
    assert documents_in(result) <= allowed(only)
    names = {passage.file_path for passage in result.chunks}
    if mode in (Mode.MIX, Mode.NAIVE):
        assert names == {NAMES[number] for number in allowed(only)}


@pytest.mark.parametrize("mode", GRAPH_MODES)
def test_descriptions_come_from_the_allowed_documents(
    marked: Library, mode: Mode
) -> None:
    result = find(marked, Filters(tags=("2024",)), mode)
    zorvek = next(item for item in result.entities if item.name.startswith("Zorvek"))
    assert zorvek.name == "Zorvek zq1qz"
    assert zorvek.description == "Zorvek zq1qz is zq1qz<SEP>Zorvek zq3qz is zq3qz"
    relation = next(
        relation for relation in result.relations if relation.source == zorvek.name
    )
    assert relation.keywords == "telling,zq1qz,zq3qz"
    assert relation.description == "told zq1qz<SEP>told zq3qz"
    assert relation.weight == 6.0
    assert set(zorvek.file_paths) == {"beta.pdf", "gamma.txt"}


def test_without_filters_merged_descriptions_are_returned(marked: Library) -> None:
    assert documents_in(find(marked, Filters())) == set(range(len(NAMES)))


def test_entities_without_mentions_are_left_out_under_a_filter(marked: Library) -> None:
    Entity.objects.create(workspace=marked.workspace, name="Works of hand", manual=True)
    result = find(marked, Filters(file_name="*"))
    assert "Works of hand" not in {entity.name for entity in result.entities}


def test_with_a_filter_mix_makes_few_statements(marked: Library) -> None:
    assert statements(lambda: find(marked, Filters(tags=("tax",)))) <= 13


MANY = """
WITH made AS (
    INSERT INTO documents_document (workspace_id, public_id, name, status, source_path,
        content_summary, content_length, content_hash, track_id, chunks_count, error_msg,
        chunking, metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at)
    SELECT %(workspace)s, 'doc-' || n, n || '.txt', 'processed', '', '', 0, '', 't', 1, '',
        '{}', '{}', CASE WHEN n %% 10 = 0 THEN '{tenth}'::text[] ELSE '{}' END,
        false, 0, '', now(), now()
    FROM generate_series(1, %(many)s) n RETURNING id, name, tags
), cut AS (
    INSERT INTO documents_chunk (workspace_id, document_id, "order", content, tokens,
        headings, content_hash)
    SELECT %(workspace)s, id, 0, name, 1, '{}', '' FROM made RETURNING id, document_id
)
INSERT INTO search_chunk (index_id, chunk_id, vector, lexical, text_hash)
SELECT %(index)s, cut.id,
    (CASE WHEN made.tags = '{}' THEN %(near)s ELSE %(far)s END)::halfvec, 'word', ''
FROM cut JOIN made ON made.id = cut.document_id
"""


def many(library: Library, number: int) -> None:
    """Add documents of one chunk; tagged ones are farthest from the question."""
    values: dict[str, int | str] = {
        "workspace": library.workspace.pk,
        "index": library.workspace.search_index,
        "many": number,
        "near": literal(library.embedder, QUESTION),
        "far": literal(library.embedder, "zzz"),
    }
    with connection.cursor() as cursor:
        cursor.execute(MANY, values)
    own_tables.give(library.workspace)


def test_one_document_of_ten_thousand_is_found(
    library: Library, configure: Configure
) -> None:
    configure(query__keyword_extraction="none", query__cosine_threshold=-1.0)
    configure(query__relevance_check=False)  # the texts do not answer the question
    many(library, 10_000)
    result = find(library, Filters(document_ids=("doc-7770",)))
    assert [passage.file_path for passage in result.chunks] == ["7770.txt"]
    assert len(find(library, Filters(tags=("tenth",))).chunks) == 20
    only = Filters(tags=("tenth",), file_name="*70.txt")
    assert all("70.txt" in item.file_path for item in find(library, only).chunks)


def test_rows_are_compared_if_the_index_scan_stops_early(
    library: Library, configure: Configure
) -> None:
    configure(query__cosine_threshold=-1.0)
    many(library, 3_000)
    params = QueryParams(QUESTION, Mode.NAIVE, filters=Filters(tags=("tenth",)))
    with search_transaction.begin(analysed(library.workspace, params)) as question:
        assert not question.exact
        search_transaction.fetch(
            "SELECT set_config('hnsw.max_scan_tuples', '100', true)", {}
        )
        assert len(hybrid_search.run(question, retrievers.CHUNKS).chunks.ids) == 20


def test_few_allowed_chunks_are_compared_without_an_index(
    library: Library, configure: Configure
) -> None:
    many(library, 3_000)
    params = QueryParams(
        QUESTION, Mode.NAIVE, filters=Filters(document_ids=("doc-70",))
    )
    with search_transaction.begin(analysed(library.workspace, params)) as question:
        assert question.exact
        result = hybrid_search.run(
            question, (*retrievers.CHUNKS, *retrievers.CHUNKS_BY_WORDS)
        )
    assert len(result.chunks.ids) <= 1


def test_words_are_searched_in_allowed_chunks(
    library: Library, configure: Configure
) -> None:
    configure(query__keyword_extraction="none")
    for number in range(120):
        library.document(f"{number}.txt", "Zorvek opened the Works")
    (chunk,) = library.document("own.txt", "The Works closed its quarry in spring")
    library.document("other.txt", "Green tea")
    only = Filters(document_ids=("doc-own.txt", "doc-other.txt"))
    params = QueryParams(QUESTION, filters=only)
    for exact in (True, False):
        question = analysed(library.workspace, params)
        with search_transaction.begin(question) as prepared:
            result = hybrid_search.run(
                replace(prepared, exact=exact), retrievers.CHUNKS_BY_WORDS
            )
        assert result.chunks.ids == (chunk.pk,)


@pytest.mark.parametrize("has_own_tables", [False, True])
def test_chunks_that_share_no_word_are_not_found_by_words(
    library: Library, configure: Configure, has_own_tables: bool
) -> None:
    configure(query__keyword_extraction="none")
    (chunk,) = library.document("own.txt", "The Works closed its quarry in spring")
    library.document("other.txt", "Green tea")
    if has_own_tables:
        own_tables.give(library.workspace)  # analyzed, so that rows are sorted
    with search_transaction.begin(
        analysed(library.workspace, QueryParams(QUESTION))
    ) as prepared:
        assert hybrid_search.run(prepared, retrievers.CHUNKS_BY_WORDS).chunks.ids == (
            chunk.pk,
        )


def test_cached_answers_depend_on_the_filter(curies: Library, chat: FakeChat) -> None:
    for only in (Filters(), Filters(file_name="*"), Filters(file_name="*")):
        params = QueryParams("What did Marie Curie discover?", filters=only)
        async_to_sync(answer.ask)(curies.workspace, params)
    cached = LLMCache.objects.filter(purpose=LLMCache.Purpose.QUERY)
    assert cached.count() == 2
