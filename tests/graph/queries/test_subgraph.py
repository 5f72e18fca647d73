"""Tests of reads of the graph."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.models import Entity, EntityMention, Relation
from graph.queries import provenance, subgraph
from graph.queries.provenance import Sources
from graph.queries.subgraph import Subgraph
from tests.graph.conftest import Ingest


def draw(workspace: Workspace, *pairs: str) -> dict[str, Entity]:
    """Create entities and relations from pairs such as `a-b`, with their degrees."""
    names = sorted({name for pair in pairs for name in pair.split("-")})
    entities = Entity.objects.bulk_create(
        [
            Entity(
                workspace=workspace,
                name=name,
                degree=sum(name in pair.split("-") for pair in pairs),
            )
            for name in names
        ]
    )
    by_name = {entity.name: entity for entity in entities}
    for pair in pairs:
        ends = sorted((by_name[name] for name in pair.split("-")), key=lambda e: e.pk)
        Relation.objects.create(workspace=workspace, source=ends[0], target=ends[1])
    return by_name


def names(graph: Subgraph) -> list[str]:
    return [node.name for node in graph.nodes]


def ends(graph: Subgraph) -> set[str]:
    return {f"{edge.source}-{edge.target}" for edge in graph.edges}


def test_labels_are_sorted_by_code_point(workspace: Workspace) -> None:
    draw(workspace, "b-B", "a-居里")
    assert subgraph.labels(workspace.pk) == ["B", "a", "b", "居里"]


def test_popular_names_have_the_most_relations(workspace: Workspace) -> None:
    draw(workspace, "b-c", "a-c", "c-d", "a-d")
    assert subgraph.popular(workspace.pk, 3) == ["c", "a", "d"]


def test_search_ranks_exact_then_prefix_then_words_then_the_rest(
    workspace: Workspace,
) -> None:
    draw(workspace, "CURIE-Mercurie", "Curie Institute-Marie Curie", "x_curie-Radium")
    assert subgraph.search(workspace.pk, "curie", 9) == [
        "CURIE",
        "Curie Institute",
        "x_curie",
        "Marie Curie",
        "Mercurie",
    ]
    assert subgraph.search(workspace.pk, "curie", 2) == ["CURIE", "Curie Institute"]


@pytest.mark.parametrize("text", ["  ", "%", "a%", "\\"])
def test_search_has_no_wildcards(workspace: Workspace, text: str) -> None:
    draw(workspace, "a-b")
    assert subgraph.search(workspace.pk, text, 9) == []


def test_a_neighbourhood_is_ordered_by_level(workspace: Workspace) -> None:
    draw(workspace, "a-b", "a-c", "c-d", "c-e", "d-f", "x-y")
    graph = subgraph.subgraph(workspace.pk, "a", 1, 10)
    assert names(graph) == ["a", "c", "b"]
    assert ends(graph) == {"a-b", "a-c"}
    assert not graph.is_truncated
    far = subgraph.subgraph(workspace.pk, "a", 5, 10)
    assert names(far) == ["a", "c", "b", "d", "e", "f"]


def test_a_truncated_neighbourhood_is_marked(workspace: Workspace) -> None:
    draw(workspace, "a-b", "a-c", "c-d")
    cut = subgraph.subgraph(workspace.pk, "a", 3, 2)
    assert (names(cut), ends(cut), cut.is_truncated) == (["a", "c"], {"a-c"}, True)
    whole = subgraph.subgraph(workspace.pk, "a", 1, 3)
    assert (len(whole.nodes), whole.is_truncated) == (3, False)


def test_a_star_returns_all_entities_by_degree(workspace: Workspace) -> None:
    draw(workspace, "a-b", "b-c", "x-y")
    graph = subgraph.subgraph(workspace.pk, "*", 3, 10)
    assert names(graph) == ["b", "a", "c", "x", "y"]
    cut = subgraph.subgraph(workspace.pk, "*", 3, 2)
    assert (names(cut), ends(cut), cut.is_truncated) == (["b", "a"], {"a-b"}, True)


def test_an_unknown_label_returns_nothing(workspace: Workspace) -> None:
    draw(workspace, "a-b")
    assert subgraph.subgraph(workspace.pk, "nobody", 3, 10) == Subgraph()


def test_other_workspaces_are_not_seen(workspace: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    draw(other, "a-b")
    assert subgraph.labels(workspace.pk) == []
    assert subgraph.search(workspace.pk, "a", 9) == []
    assert subgraph.subgraph(workspace.pk, "*", 3, 10) == Subgraph()
    assert subgraph.entity(workspace.pk, "a") is None


def test_a_subgraph_takes_one_query_per_level_and_five_more(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    draw(workspace, "a-b", "b-c", "c-d", "d-e", "e-f")
    with django_assert_num_queries(3 + 5):
        subgraph.subgraph(workspace.pk, "a", 3, 10)


def test_entities_and_relations_have_their_chunks_and_files(
    workspace: Workspace, ingest: Ingest
) -> None:
    first = ingest(
        ("Ada", "person", "A mathematician."),
        ("Ada", "Engine", "wrote", "She wrote for it."),
    )
    second = ingest(("Ada", "person", "A countess."))
    ada = subgraph.entity(workspace.pk, "Ada")
    assert ada is not None
    assert ada.sources.chunk_ids == (first.public_id, second.public_id)
    assert ada.sources.source_id == f"{first.public_id}<SEP>{second.public_id}"
    assert ada.sources.file_path == "0.txt<SEP>1.txt"
    wrote = subgraph.relation(workspace.pk, "Engine", "Ada")
    assert wrote is not None
    assert (wrote.source, wrote.target) == ("Ada", "Engine")
    assert wrote.sources.chunk_ids == (first.public_id,)


def test_sources_are_the_oldest_with_their_total(
    workspace: Workspace, ingest: Ingest
) -> None:
    chunks = [ingest(("Ada", "person", f"Fact {n}.")) for n in range(3)]
    ada = Entity.objects.get(name="Ada").pk
    sources = provenance.of_entities(workspace.pk, [ada])[ada]
    assert sources.truncate == ""
    shown = Sources(sources.chunk_ids[:2], sources.file_paths, sources.total)
    assert shown.truncate == "KEEP 2/3"
    assert sources.chunk_ids[0] == chunks[0].public_id


def test_a_large_chunk_number_keeps_all_digits(
    workspace: Workspace, ingest: Ingest
) -> None:
    chunk = ingest(("Ada", "person", "A countess."))
    chunk.order = 12345
    chunk.save()
    ada = EntityMention.objects.get(chunk=chunk).entity_id
    assert provenance.of_entities(workspace.pk, [ada])[ada].source_id == chunk.public_id


def test_entities_without_mentions_have_the_manual_source(workspace: Workspace) -> None:
    draw(workspace, "a-b")
    node = subgraph.entity(workspace.pk, "a")
    assert node is not None
    assert node.sources.source_id == node.sources.file_path == "manual_creation"
