"""Tests that an exported graph is imported without loss."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import networkx
import pytest

from documents.models import Workspace
from graph.age import consistency
from graph.curation import edit, entity_merge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.interchange import export_graph, import_graph
from graph.interchange.formats import FORMATS
from graph.interchange.import_graph import ImportReport
from graph.models import Entity, EntityAlias, Relation
from tests import library
from tests.library import Library

HARD = " \"<b>&amp;'\t=1+1\r\n\u2028 <SEP> ]]> 王小明 😀 $cypher$ \\x"


@pytest.fixture
def shelf(workspace: Workspace) -> Library:
    """Return a library with edits and with texts that are hard to encode."""
    shelf = library.make_library(workspace)
    edit.edit_entity(workspace.pk, "Ada", EntityChanges(description=HARD))
    changes = EntityChanges(entity_type="Person", description="@somebody")
    edit.create_entity(workspace.pk, "=HYPERLINK(1)", changes)
    edit.create_entity(workspace.pk, "'-it's", changes)
    edit.create_relation(
        workspace.pk,
        "=HYPERLINK(1)",
        "Ada",
        RelationChanges(HARD, "one, 二", 2.5),
    )
    entity_merge.merge_entities(workspace.pk, ["Countess"], "Ada")
    return shelf


@pytest.fixture
def elsewhere(workspace: Workspace) -> Workspace:
    return Workspace.objects.create(
        name="elsewhere", embedding_model="fake:hash", embedding_dimensions=64
    )


def exported(workspace: Workspace, kind: str) -> bytes:
    file = io.BytesIO()
    export_graph.export(workspace.pk, FORMATS[kind], file)
    return file.getvalue()


def import_(
    workspace: Workspace, kind: str, data: bytes, *, replace: bool = False
) -> ImportReport:
    graph = FORMATS[kind].read(io.BytesIO(data))
    return import_graph.run(workspace.pk, graph, replace=replace)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_imported_file_is_exported_identically(
    shelf: Library, elsewhere: Workspace, kind: str
) -> None:
    data = exported(shelf.workspace, kind)
    report = import_(elsewhere, kind, data)
    assert (report.entities_made, report.relations_made) == (4, 2)
    assert exported(elsewhere, kind) == data
    for other in FORMATS:
        assert exported(elsewhere, other) == exported(shelf.workspace, other)
    ada = Entity.objects.get(workspace=elsewhere, name="Ada")
    assert (ada.manual, ada.degree) == (True, 2)
    assert EntityAlias.objects.get(workspace=elsewhere).name == "Countess"
    assert consistency.check(elsewhere.pk).differences == ()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_second_import_changes_nothing(shelf: Library, kind: str) -> None:
    data = exported(shelf.workspace, kind)
    before = list(Entity.objects.order_by("pk").values("name", "description", "manual"))
    report = import_(shelf.workspace, kind, data)
    assert (report.entities_kept, report.relations_kept) == (4, 2)
    assert (report.entities_made, report.entities_changed) == (0, 0)
    assert before == list(
        Entity.objects.order_by("pk").values("name", "description", "manual")
    )
    assert exported(shelf.workspace, kind) == data


def test_networkx_reads_the_graphml(shelf: Library) -> None:
    graph: Any = networkx.parse_graphml(exported(shelf.workspace, "graphml").decode())
    assert not graph.is_directed()
    assert set(graph) == {"Ada", "Babbage", "=HYPERLINK(1)", "'-it's"}
    assert graph.nodes["Ada"]["entity_type"] == "Person"
    description = f"{HARD}<SEP>Countess is a person."
    assert graph.nodes["Ada"]["description"] == description
    assert graph.edges["Ada", "=HYPERLINK(1)"]["weight"] == 2.5


def test_graphml_of_networkx_is_read(elsewhere: Workspace) -> None:
    graph: Any = networkx.Graph()
    graph.add_node("Ada", entity_id="Ada", entity_type="person", source_id="chunk-1")
    graph.add_node("Babbage", description="An engineer.", size=3)
    graph.add_edge("Babbage", "Ada", weight=2, keywords="work")
    data = "\n".join(networkx.generate_graphml(graph)).encode()
    import_(elsewhere, "graphml", data)
    relation = Relation.objects.get(workspace=elsewhere)
    assert (relation.weight, relation.keywords) == (2.0, "work")
    assert Entity.objects.get(name="Ada").entity_type == "person"


def test_the_tables_have_gephis_headings_and_no_formulas(shelf: Library) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(shelf.workspace, "zip"))) as archive:
        tables = {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode())))
            for name in archive.namelist()
        }
    assert [row["Id"] for row in tables["nodes.csv"]] == [
        "''-it's",
        "'=HYPERLINK(1)",
        "Ada",
        "Babbage",
    ]
    assert {row["Type"] for row in tables["edges.csv"]} == {"Undirected"}
    for row in [*tables["nodes.csv"], *tables["edges.csv"]]:
        assert not any(value[:1] in set("=+-@\t\r") for value in row.values() if value)


def test_existing_rows_are_kept_without_replace(shelf: Library) -> None:
    data = b'{"node": "Countess", "description": "New."}\n'
    assert import_(shelf.workspace, "jsonl", data).entities_kept == 1
    assert Entity.objects.get(name="Ada").description != "New."
    report = import_(shelf.workspace, "jsonl", data, replace=True)
    assert report.entities_changed == 1
    ada = Entity.objects.get(name="Ada")
    assert (ada.description, ada.entity_type) == ("New.", "Person")


def test_an_edge_may_refer_to_an_existing_entity(shelf: Library) -> None:
    data = b'{"source": "Countess", "target": "Babbage", "weight": 3}\n'
    assert import_(shelf.workspace, "jsonl", data).relations_kept == 1
    assert Relation.objects.get(source=shelf.ada, target=shelf.babbage).weight < 3
    assert import_(shelf.workspace, "jsonl", data, replace=True).relations_changed == 1
    assert Relation.objects.get(source=shelf.ada, target=shelf.babbage).weight == 3
