"""Tests that vectors belong to the current text."""

from __future__ import annotations

from django.db import connection

from documents.models import Chunk, Workspace
from documents.pipeline.steps import embed_graph
from graph.merging import prune
from graph.models import ChunkExtraction, Entity, Relation
from retrieval.index import search_rows
from retrieval.index.search_rows import Touched
from retrieval.llm import event_loop
from tests.graph.conftest import Ingest
from tests.models import FakeModels

ADA = ("Ada", "person", "wrote a program")
KNEW = ("Ada", "Babbage", "friends", "wrote letters")


def jobs_of(workspace: Workspace) -> list[embed_graph.GraphVectorJob]:
    touched = Touched(
        tuple(Entity.objects.values_list("pk", flat=True)),
        tuple(Relation.objects.values_list("pk", flat=True)),
    )
    return embed_graph.vector_jobs(workspace.pk, touched)


def store(jobs: list[embed_graph.GraphVectorJob]) -> None:
    for job in jobs:
        job.store([(job, event_loop.run(job.run()))])


def rows() -> list[tuple[str, str]]:
    """Return position and text hash of each search row; a write changes the position."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ctid::text, text_hash FROM search_entity"
            " UNION ALL SELECT ctid::text, text_hash FROM search_relation ORDER BY 1, 2"
        )
        return [(position, text_hash) for position, text_hash in cursor.fetchall()]


def test_a_vector_of_an_older_text_does_not_replace_a_newer_one(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    ingest(ADA, KNEW)
    older = jobs_of(workspace)
    ingest(("Ada", "person", "was a countess"), ("Ada", "Babbage", "letters", "met"))
    store(jobs_of(workspace))
    newer = rows()
    store(older)
    assert rows() == newer
    assert not search_rows.stale(workspace.pk)


def test_an_older_text_is_used_until_there_is_a_vector(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    ingest(ADA, KNEW)
    older = jobs_of(workspace)
    ingest(("Ada", "person", "was a countess"))
    store(older)
    assert len(rows()) == 3
    assert [row.name for row in search_rows.stale(workspace.pk)] == ["Ada"]


def test_rows_embedded_by_two_workers_are_written_once(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    ingest(ADA, KNEW)
    first, second = jobs_of(workspace), jobs_of(workspace)
    store(first)
    before = rows()
    store(second)
    assert rows() == before


LINGUISTIC = "linguistic:spacy+lac"


def extracted_by(model: str, *chunks: Chunk) -> None:
    ChunkExtraction.objects.filter(chunk__in=chunks).update(model=model)


def with_vector(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(vector) FROM search_{kind}")
        (_, vectors) = cursor.fetchone()
        return int(vectors)


def test_what_only_the_linguistic_extractor_found_has_no_vector(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    extracted_by(LINGUISTIC, ingest(ADA, KNEW))
    assert jobs_of(workspace) == []
    assert [text_hash != "" for _, text_hash in rows()] == [True, True]
    assert (with_vector("entity"), with_vector("relation")) == (0, 0)
    assert not search_rows.stale(workspace.pk)


def test_a_mention_by_a_model_adds_the_vector_and_its_deletion_removes_it(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    extracted_by(LINGUISTIC, ingest(ADA, KNEW))
    jobs_of(workspace)
    by_model = ingest(ADA, KNEW)
    store(jobs_of(workspace))
    assert (with_vector("entity"), with_vector("relation")) == (2, 1)
    touched = prune.remove_mentions(workspace.pk, [by_model.pk])
    prune.delete_unmentioned(workspace.pk, touched)
    say_again = ingest(ADA, ("Ada", "Babbage", "", "wrote again"))
    extracted_by(LINGUISTIC, say_again)
    assert jobs_of(workspace) == []
    assert (with_vector("entity"), with_vector("relation")) == (1, 0)
    assert not search_rows.stale(workspace.pk)


def test_an_edited_entity_has_a_vector(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    extracted_by(LINGUISTIC, ingest(ADA, KNEW))
    jobs_of(workspace)
    Entity.objects.filter(name="Ada").update(edited_description="A countess.")
    (job,) = jobs_of(workspace)
    assert [row.name for row in job.rows] == ["Ada"]


def test_vectors_of_version_0_1_0_stay_until_the_text_changes(
    workspace: Workspace, models: FakeModels, ingest: Ingest
) -> None:
    chunk = ingest(ADA, KNEW)
    store(jobs_of(workspace))
    extracted_by(LINGUISTIC, chunk)
    assert jobs_of(workspace) == []
    assert (with_vector("entity"), with_vector("relation")) == (2, 1)
