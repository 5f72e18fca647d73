"""Search of a graph that was built without a language model."""

from __future__ import annotations

import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django.fixtures import Settings

from documents.models import Document, DocumentContent, Workspace
from documents.pipeline import pipeline
from graph.models import Relation
from retrieval.llm.config import ChatConfig
from retrieval.search import modes
from retrieval.search.evidence import Evidence
from retrieval.search.filters import Filters
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels
from tests.retrieval.conftest import Configure, analysed

TEXTS = {
    "curie.txt": "Marie Curie discovered radium in Paris. Bronia Dluska lived in Warsaw.",
    "lovelace.txt": "Ada Lovelace wrote notes in London. Charles Babbage met Ada Lovelace.",
}


@pytest.fixture
def built(workspace: Workspace, settings: Settings, configure: Configure) -> Workspace:
    """Return a workspace with two documents, extracted without a model."""
    settings.LIGHTRAG = FakeModels().configure(site.LIGHTRAG)
    none = ChatConfig()
    configure(extract_llm=none, keyword_llm=none, query_llm=none)
    for name, text in TEXTS.items():
        document = Document.objects.create(
            workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
        )
        DocumentContent.objects.create(document=document, text=text)
    pipeline.work(workspace.pk)
    return workspace


def find(workspace: Workspace, params: QueryParams) -> Evidence:
    return modes.find(analysed(workspace, params))


def names(evidence: Evidence) -> set[str]:
    return {entity.name for entity in evidence.graph.entities}


def test_entities_and_relations_have_no_vectors(built: Workspace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(vector), count(name_key) FROM search_entity")
        assert cursor.fetchone() == (0, built.entities.count())
        cursor.execute("SELECT count(*) FROM search_relation")
        assert cursor.fetchone() == (0,)
    assert Relation.objects.exists()


@pytest.mark.parametrize("mode", [Mode.MIX, Mode.LOCAL, Mode.GLOBAL, Mode.HYBRID])
def test_every_mode_finds_the_graph_of_the_nearest_chunk(
    built: Workspace, mode: Mode
) -> None:
    evidence = find(built, QueryParams("Who discovered radium in Paris?", mode=mode))
    assert "Marie Curie" in names(evidence)
    assert evidence.graph.relations
    assert evidence.chunks[0].file_path == "curie.txt"


def test_the_relation_whose_sentence_shares_the_rarest_words_comes_first(
    built: Workspace,
) -> None:
    params = QueryParams("Which notes did Lovelace write in London?", mode=Mode.GLOBAL)
    first = find(built, params).graph.relations[0]
    assert {first.source, first.target} == {"Ada Lovelace", "London"}


def test_filters_restrict_what_is_reached(built: Workspace) -> None:
    filters = Filters(file_name="curie*")
    params = QueryParams("Where did Ada Lovelace write?", filters=filters)
    assert "Ada Lovelace" not in names(find(built, params))
