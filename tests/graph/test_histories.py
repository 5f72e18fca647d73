"""Test that any history of ingestions, edits, merges, undos and deletions leaves the graph
of a fresh ingestion of the remaining documents with the same edits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from documents.lifecycle import document_deletion, versions
from documents.models import Chunk, Document, Status, Workspace
from documents.pipeline.steps import embed_graph
from documents.pipeline.steps import merge as steps_merge
from documents.workspaces import locks
from graph.age import consistency
from graph.curation import edit, entity_merge, merge_snapshot, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import GraphError
from graph.extraction import answer_format
from graph.merging import merge
from graph.models import ChunkExtraction, Entity, EntityAlias, Relation
from retrieval.index import tables
from retrieval.index.search_rows import Touched
from retrieval.llm import event_loop
from tests.graph.conftest import extraction
from tests.models import FakeModels

NAMES = ("Ada", "Lovelace", "Babbage", "Byron")
name = st.sampled_from(NAMES)
word = st.sampled_from(["one", "two", "three", "four"])
entity = st.tuples(name, st.sampled_from(["person", "thing"]), word)
relation = st.tuples(name, name, word, word).filter(lambda fact: fact[0] != fact[1])
facts = st.lists(entity | relation, min_size=1, max_size=4)
which = st.integers(0, 3)
ops = st.one_of(
    st.tuples(st.just("ingest"), facts),
    st.tuples(st.just("replace"), which, facts),
    st.tuples(st.just("delete"), which),
    st.tuples(st.just("edit"), name, word),
    st.tuples(st.just("edit_relation"), name, name, word),
    st.tuples(st.just("rename"), name, name | st.just("Countess")),
    st.tuples(st.just("merge"), name, name),
    st.tuples(st.just("undo"), name),
    st.tuples(st.just("retype"), name, st.sampled_from(["person", "place"])),
    st.tuples(st.just("weigh"), name, name, st.sampled_from([5.0, 9.0])),
    st.tuples(st.just("create"), name, word),
    st.tuples(st.just("connect"), name, name, word),
)


@dataclass
class History:
    """A workspace, and the operations on it that a history consists of."""

    workspace: Workspace
    count: int = 0
    done: list[str] = field(default_factory=list)

    def apply(self, op: tuple[Any, ...]) -> None:
        """Run an operation; one that is impossible or refused changes nothing."""
        kind, *arguments = op
        try:
            with transaction.atomic():
                getattr(self, kind)(*arguments)
        except (GraphError, IndexError):
            return

    def document(self, records: list[tuple[str, ...]], **values: Any) -> Document:
        """Create a document that is about to be merged, with one chunk for each record."""
        self.count += 1
        document = Document(
            workspace=self.workspace,
            public_id=f"doc-{self.workspace.pk}-{self.count}",
            name=f"{self.count}.txt",
            track_id="t",
            status=Status.PROCESSING,
            lease_owner="me",
        )
        if old := values.get("replaces"):
            document = versions.make_version_of(document, old)
        document.save()
        for order, record in enumerate(records):
            add_chunk(document, order, answer_format.to_json(extraction(record)))
        return document

    def process(self, document: Document) -> None:
        pk = self.workspace.pk
        steps_merge.finish("me", steps_merge.merge_documents(pk, "me", [document.pk]))
        for job in embed_graph.vector_jobs(pk, None):
            job.store([(job, event_loop.run(job.run()))])

    def ingest(self, records: list[tuple[str, ...]]) -> None:
        self.process(self.document(records))

    def replace(self, number: int, records: list[tuple[str, ...]]) -> None:
        old = list(self.workspace.documents.order_by("pk"))[number]
        self.process(self.document(records, replaces=old))

    def delete(self, number: int) -> None:
        old = list(self.workspace.documents.order_by("pk"))[number]
        document_deletion.delete_documents(self.workspace, [old.public_id])

    def edit(self, name: str, words: str) -> None:
        changes = EntityChanges(description=f"{name} is {words}")
        edit.edit_entity(self.workspace.pk, name, changes)

    def edit_relation(self, source: str, target: str, words: str) -> None:
        changes = RelationChanges(f"{source} to {target}: {words}", words)
        edit.edit_relation(self.workspace.pk, source, target, changes)

    def retype(self, name: str, entity_type: str) -> None:
        changes = EntityChanges(entity_type=entity_type)
        edit.edit_entity(self.workspace.pk, name, changes)

    def weigh(self, source: str, target: str, weight: float) -> None:
        changes = RelationChanges(weight=weight)
        edit.edit_relation(self.workspace.pk, source, target, changes)

    def create(self, name: str, words: str) -> None:
        changes = EntityChanges(description=f"{name} made {words}")
        edit.create_entity(self.workspace.pk, name, changes)

    def connect(self, source: str, target: str, words: str) -> None:
        changes = RelationChanges(f"{source} made {target}: {words}", words)
        edit.create_relation(self.workspace.pk, source, target, changes)

    def rename(self, name: str, new: str) -> None:
        edit.edit_entity(self.workspace.pk, name, EntityChanges(new), allow_rename=True)

    def merge(self, source: str, target: str) -> None:
        entity_merge.merge_entities(self.workspace.pk, [source], target)

    def undo(self, name: str) -> None:
        unmerge.split_entity(self.workspace.pk, name)


def add_chunk(document: Document, order: int, records: Any) -> Chunk:
    chunk = Chunk.objects.create(
        workspace=document.workspace,
        document=document,
        order=order,
        content="…",
        tokens=1,
        content_hash="",
    )
    ChunkExtraction.objects.create(chunk=chunk, records=records, model="test")
    return chunk


def graph_of(workspace: Workspace) -> dict[str, Any]:
    """Return all merged values of entities and relations, by name."""
    entities = {
        entity.name: (
            entity.entity_type,
            entity.description,
            entity.degree,
            sorted(entity.aliases.values_list("name", flat=True)),
            sorted(
                entity.mentions.values_list(
                    "mentioned_name", "entity_type", "description"
                )
            ),
        )
        for entity in workspace.entities.all()
    }
    relations = {
        " ~ ".join(sorted((relation.source.name, relation.target.name))): (
            relation.description,
            relation.keywords,
            relation.weight,
            sorted(
                relation.mentions.values_list("mentioned_source", "mentioned_target")
            ),
        )
        for relation in workspace.relations.select_related("source", "target")
    }
    return {"entities": entities, "relations": relations}


def ingested_again(old: Workspace) -> Workspace:
    """Ingest the documents into a new workspace with the same edits and aliases."""
    new = Workspace.objects.create(
        name="fresh", embedding_model="fake:hash", embedding_dimensions=64
    )
    copies = {}
    for entity in old.entities.all():
        if is_made_or_edited_by_user(entity):
            copies[entity.pk] = copy(entity, new)
    for alias in EntityAlias.objects.filter(workspace=old):
        EntityAlias.objects.create(
            workspace=new, name=alias.name, entity=copies[alias.entity_id]
        )
    for edge in old.relations.all():
        if edge.manual or merge_snapshot.is_edited(edge):
            ends = [
                copies.get(end.pk) or copies.setdefault(end.pk, copy(end, new))
                for end in (edge.source, edge.target)
            ]
            edge.source, edge.target = sorted(ends, key=lambda end: int(end.pk))
            copy(edge, new)
    chunks = Chunk.objects.filter(workspace=old).order_by("pk")
    extractions = [(chunk.document_id, chunk.extraction.records) for chunk in chunks]
    documents = {pk: Document(workspace=new, track_id="t") for pk, _ in extractions}
    for pk, document in documents.items():
        document.name = document.public_id = f"fresh-{pk}"
        document.save()
    chunk_ids = [
        add_chunk(documents[pk], order, records).pk
        for order, (pk, records) in enumerate(extractions)
    ]
    with transaction.atomic():
        locks.lock_and_invalidate(new.pk)
        merge.run(new.pk, chunk_ids)
    edit.recompute(
        new.pk,
        Touched(
            tuple(new.entities.values_list("pk", flat=True)),
            tuple(new.relations.values_list("pk", flat=True)),
        ),
    )
    return new


def is_made_or_edited_by_user(entity: Entity) -> bool:
    """Return whether a user created, edited, renamed or merged the entity."""
    edits = entity.edited_description or entity.edited_type
    return bool(entity.manual or edits or entity.aliases.exists())


def copy(row: Any, workspace: Workspace) -> Any:
    """Return an equal row in another workspace."""
    new = type(row).objects.get(pk=row.pk)
    if isinstance(new, Relation) and isinstance(row, Relation):
        new.source, new.target = row.source, row.target
    new.pk, new.workspace, new.description = None, workspace, ""
    new._state.adding = True
    new.save()
    return new


def stale_vectors(workspace: Workspace) -> int:
    """Return the number of vectors that were computed from an older text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM search_entity s"
            "  LEFT JOIN graph_entity e ON e.id = s.entity_id"
            "  WHERE s.index_id = %(w)s AND s.vector IS NOT NULL AND s.text_hash"
            "   IS DISTINCT FROM md5(e.name || E'\\n' || e.description))"
            " + (SELECT count(*) FROM search_relation s"
            "  LEFT JOIN graph_relation r ON r.id = s.relation_id"
            "  LEFT JOIN graph_entity a ON a.id = r.source_id"
            "  LEFT JOIN graph_entity b ON b.id = r.target_id"
            "  WHERE s.index_id = %(w)s AND s.vector IS NOT NULL AND s.text_hash"
            "   IS DISTINCT FROM md5(r.description || E'\\n' || r.keywords || E'\\t'"
            "    || a.name || E'\\t' || b.name))",
            {"w": tables.index_of(workspace.pk)},
        )
        (count,) = cursor.fetchone()
    return int(count)


@pytest.fixture
def check_history(workspace: Workspace, models: FakeModels) -> Callable[..., None]:
    """Return a function that runs operations, checks the graph, and rolls back."""

    def run(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            history = History(workspace)
            for step in steps:
                history.apply(step)
                assert stale_vectors(workspace) == 0, step
            assert graph_of(workspace) == graph_of(ingested_again(workspace))
            assert consistency.check(workspace.pk).differences == ()
            transaction.set_rollback(True)

    return run


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(ops, min_size=2, max_size=12))
@example(
    steps=[
        ("ingest", [("Ada", "Babbage", "one", "one")]),
        ("ingest", [("Lovelace", "Babbage", "two", "two")]),
        ("edit_relation", "Ada", "Babbage", "three"),
        ("merge", "Ada", "Lovelace"),
        ("delete", 1),
    ]
)
@example(
    steps=[
        ("ingest", [("Ada", "person", "one")]),
        ("ingest", [("Lovelace", "person", "two")]),
        ("edit", "Ada", "three"),
        ("merge", "Ada", "Lovelace"),
        ("undo", "Ada"),
        ("replace", 0, [("Ada", "person", "four")]),
    ]
)
@example(
    steps=[
        ("ingest", [("Ada", "person", "one"), ("Babbage", "person", "two")]),
        ("rename", "Ada", "Lovelace"),
        ("merge", "Babbage", "Ada"),
    ]
)
def test_any_history_equals_a_fresh_ingestion(
    check_history: Callable[..., None], steps: list[tuple[Any, ...]]
) -> None:
    check_history(steps)
