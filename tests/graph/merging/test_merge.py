"""Tests of merging extractions into the graph."""

from __future__ import annotations

from django.db import connection
from pytest_django.asserts import assertNumQueries

from documents.models import Workspace
from graph.models import Entity, EntityAlias, EntityMention, Relation, RelationMention
from tests.graph.conftest import Ingest, merge_chunks


def test_the_most_frequent_type_wins(ingest: Ingest) -> None:
    ingest(("Ada", "person", "a"))
    ingest(("Ada", "organization", "b"))
    ingest(("Ada", "person", "c"))
    assert Entity.objects.get().entity_type == "person"


def test_distinct_descriptions_are_joined_oldest_first(ingest: Ingest) -> None:
    ingest(("Ada", "person", "Wrote programs."))
    ingest(("Ada", "person", "Lived in London."))
    ingest(("Ada", "person", "Wrote programs."))
    entity = Entity.objects.get()
    assert entity.description == "Wrote programs.<SEP>Lived in London."
    assert entity.fragments == 2
    assert entity.mentions.count() == 3


def test_weights_are_added_and_keywords_united(ingest: Ingest) -> None:
    ingest(("Ada", "Babbage", "work,friends", "Worked together."))
    ingest(("Babbage", "Ada", "friends, letters", "Wrote letters."))
    relation = Relation.objects.get()
    assert relation.weight == 2
    assert relation.keywords == "friends,letters,work"
    assert relation.description == "Worked together.<SEP>Wrote letters."


def test_an_undescribed_end_has_an_unknown_type(ingest: Ingest) -> None:
    ingest(("Ada", "person", "A mathematician."), ("Ada", "Babbage", "work", "Met."))
    babbage = Entity.objects.get(name="Babbage")
    assert (babbage.entity_type, babbage.description) == ("UNKNOWN", "Met.")


def test_a_later_description_replaces_that_of_the_relation(
    ingest: Ingest,
) -> None:
    ingest(("Ada", "Babbage", "work", "Met."))
    ingest(("Babbage", "person", "An engineer."))
    babbage = Entity.objects.get(name="Babbage")
    assert (babbage.entity_type, babbage.description) == ("person", "An engineer.")


def test_degree_counts_relations(ingest: Ingest) -> None:
    ingest(("Ada", "Babbage", "k", "d"), ("Ada", "Byron", "k", "d"))
    assert Entity.objects.get(name="Ada").degree == 2
    assert Entity.objects.get(name="Byron").degree == 1


def test_merging_again_changes_nothing(ingest: Ingest, workspace: Workspace) -> None:
    chunk = ingest(("Ada", "person", "a"), ("Ada", "Babbage", "k", "d"))
    before = list(Entity.objects.order_by("pk").values())
    merge_chunks(workspace, chunk)
    assert list(Entity.objects.order_by("pk").values()) == before
    assert EntityMention.objects.count() == 2
    assert RelationMention.objects.count() == 1


def test_an_alias_resolves_to_its_entity(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada Lovelace", "person", "a"))
    entity = Entity.objects.get()
    EntityAlias.objects.create(workspace=workspace, name="Ada", entity=entity)
    ingest(("Ada", "person", "b"), ("Ada", "Babbage", "k", "d"))
    entity.refresh_from_db()
    assert entity.description == "a<SEP>b"
    assert entity.degree == 1
    assert not Entity.objects.filter(name="Ada").exists()


def test_the_length_of_a_description_is_bounded(ingest: Ingest) -> None:
    for number in range(30):
        ingest(("Hub", "concept", f"{number} " + "x" * 400))
    entity = Entity.objects.get()
    assert len(entity.description) <= 1200 * 4 + 30 * len("<SEP>")
    assert entity.fragments == 30


def test_many_chunks_are_merged_by_as_many_queries_as_one(
    ingest: Ingest, workspace: Workspace
) -> None:
    chunks = [
        ingest((f"E{n}", "person", "d"), (f"E{n}", "Hub", "k", "d"), merged=False)
        for n in range(40)
    ]
    with assertNumQueries(14):
        merge_chunks(workspace, *chunks)
    assert Entity.objects.get(name="Hub").degree == 40


def test_a_relation_with_one_mention_is_written_once(ingest: Ingest) -> None:
    before = written("graph_relation")
    ingest(("Ada", "Babbage", " work,friends，work", "Worked together."))
    ingest(("Ada", "Byron", "", ""))
    assert written("graph_relation") == (before[0] + 2, before[1])
    relations = Relation.objects.order_by("pk").values_list("keywords", "fragments")
    assert list(relations) == [("friends,work", 1), ("", 0)]


def written(table: str) -> tuple[int, int]:
    """Return the number of rows that this transaction has inserted and updated."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_inserted(%(table)s::regclass),"
            " pg_stat_get_xact_tuples_updated(%(table)s::regclass)",
            {"table": table},
        )
        inserted, updated = cursor.fetchone()
        return inserted, updated
