"""Import of LightRAG's file stores."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from documents.importers.lightrag import import_store
from documents.importers.lightrag.attribution import split_description, split_weight
from documents.importers.lightrag.file_store import FileStore
from documents.importers.lightrag.import_store import ImportReport
from documents.importers.lightrag.store import InvalidStore
from documents.lifecycle import document_deletion
from documents.models import Chunk, Document, Status, Workspace
from graph.age import consistency
from graph.models import Entity, Relation
from retrieval.index import search_rows, tables
from retrieval.llm import event_loop
from tests.models import FakeModels

DOCUMENTS = {
    "doc-a": ("a.txt", ["Ada met Babbage.", "Ada wrote notes."]),
    "doc-b": ("b.txt", ["Babbage built an engine."]),
}
ENTITIES = {
    "Ada": ("person", "A mathematician.<SEP>A writer.", ["a-0", "a-1"]),
    "Babbage": ("person", "One summary of all.", ["b-0", "a-0"]),
    "Engine": ("artifact", "A machine.<SEP>Of brass.", ["b-0"]),
    "By Hand": ("concept", "A user added this.", []),
}
RELATIONS = {
    ("Ada", "Babbage"): ("They met.", "meeting,friendship", 3.0, ["a-0", "a-1"]),
    ("Babbage", "Engine"): ("He built it.", "making", 1.0, ["b-0"]),
    ("By Hand", "Ada"): ("Drawn by hand.", "drawn", 7.0, []),
}


def write_store(folder: Path, **more: object) -> Path:
    """Write a store with two documents, in the format of LightRAG 1.4.9."""
    chunks = {
        f"{key[-1]}-{order}": {
            "full_doc_id": key,
            "chunk_order_index": order,
            "tokens": 5,
            "content": text,
        }
        for key, (_, texts) in DOCUMENTS.items()
        for order, text in enumerate(texts)
    }
    stores: dict[str, object] = {
        "kv_store_text_chunks": chunks,
        "kv_store_full_docs": {
            key: {"content": " ".join(texts)} for key, (_, texts) in DOCUMENTS.items()
        },
        "kv_store_doc_status": {
            key: {
                "status": "processed",
                "file_path": name,
                "created_at": "2025-11-18T06:04:59.787327+00:00",
            }
            for key, (name, _) in DOCUMENTS.items()
        },
        "kv_store_entity_chunks": {
            name: {"chunk_ids": ids} for name, (*_, ids) in ENTITIES.items()
        },
        "kv_store_relation_chunks": {
            "<SEP>".join(sorted(ends)): {"chunk_ids": ids}
            for ends, (*_, ids) in RELATIONS.items()
        },
        **more,
    }
    for name, value in stores.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    (folder / "graph_chunk_entity_relation.graphml").write_text(graphml())
    return folder


def graphml() -> str:
    keys = ("entity_type", "description", "keywords", "weight")
    head = "".join(f'<key id="{key}" attr.name="{key}"/>' for key in keys)
    nodes = "".join(
        f'<node id="{name}"><data key="entity_type">{kind}</data>'
        f'<data key="description">{text.replace("<SEP>", "&lt;SEP&gt;")}</data></node>'
        for name, (kind, text, _) in ENTITIES.items()
    )
    edges = "".join(
        f'<edge source="{a}" target="{b}"><data key="description">{text}</data>'
        f'<data key="keywords">{words}</data><data key="weight">{weight}</data></edge>'
        for (a, b), (text, words, weight, _) in RELATIONS.items()
    )
    return (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        f"{head}<graph>{nodes}{edges}</graph></graphml>"
    )


def vdb(rows: Mapping[str, str]) -> dict[str, object]:
    """Return a vector store with the fake model's vectors of these texts, by id."""
    vectors = event_loop.run(FakeModels().embedder.embed_documents(list(rows.values())))
    packed = [
        base64.b64encode(zlib.compress(v.astype(np.float16).tobytes())).decode()
        for v in vectors
    ]
    return {
        "embedding_dim": 64,
        "data": [
            {"__id__": key, "vector": vector}
            for key, vector in zip(rows, packed, strict=True)
        ],
    }


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def run(folder: Path, workspace: Workspace) -> ImportReport:
    return import_store.run(FileStore(folder), workspace, lambda *_: None)


def search_row_counts(workspace: Workspace) -> Sequence[int]:
    """Return the numbers of chunks, entities and relations in the search tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM search_chunk WHERE index_id = %(id)s),"
            " (SELECT count(*) FROM search_entity WHERE index_id = %(id)s),"
            " (SELECT count(*) FROM search_relation WHERE index_id = %(id)s)",
            {"id": tables.index_of(workspace.pk)},
        )
        counts: Sequence[int] = cursor.fetchone()
    return counts


def test_a_store_is_imported_completely_without_an_llm_call(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    report = run(write_store(tmp_path), workspace)
    assert (report.imported, report.chunks, models.chat.calls) == (2, 3, 0)
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}
    assert Document.objects.get(name="a.txt").created_at.year == 2025
    for name, (kind, description, _) in ENTITIES.items():
        entity = Entity.objects.get(name=name)
        assert (entity.entity_type, entity.description) == (kind, description)
    for ends, (description, keywords, weight, _) in RELATIONS.items():
        relation = Relation.objects.get(source__name__in=ends, target__name__in=ends)
        assert (relation.description, relation.weight) == (description, weight)
        assert set(relation.keywords.split(",")) == set(keywords.split(","))
    assert tuple(search_row_counts(workspace)) == (3, 4, 3)
    assert not search_rows.stale(workspace.pk)
    assert not consistency.check(workspace.pk).differences


def test_a_second_import_changes_nothing(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    folder = write_store(tmp_path)
    run(folder, workspace)
    before = list(Entity.objects.order_by("pk").values())
    report = run(folder, workspace)
    assert (report.imported, report.existing, report.vectors_made) == (0, 2, 0)
    assert list(Entity.objects.order_by("pk").values()) == before


def test_a_second_import_finishes_an_interrupted_one(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    folder = write_store(tmp_path)

    def interrupt_merging(step: str, done: int, total: int) -> None:
        if step == "Merging":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_store.run(FileStore(folder), workspace, interrupt_merging)
    assert set(Document.objects.values_list("status", flat=True)) == {"processing"}
    run(folder, workspace)
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}
    assert tuple(search_row_counts(workspace)) == (3, 4, 3)


def test_deleting_an_imported_document_deletes_entities_only_it_mentions(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    run(write_store(tmp_path), workspace)
    document_deletion.delete_documents(workspace, ["doc-b"])
    assert not Entity.objects.filter(name="Engine").exists()
    assert Entity.objects.filter(name="Babbage").exists()
    document_deletion.delete_documents(workspace, ["doc-a"])
    assert list(Entity.objects.order_by("name").values_list("name", flat=True)) == [
        "Ada",
        "By Hand",
    ]


def test_vectors_of_the_same_model_are_reused(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    folder = write_store(
        tmp_path,
        vdb_chunks=vdb(
            {
                f"{key[-1]}-{order}": text
                for key, (_, texts) in DOCUMENTS.items()
                for order, text in enumerate(texts)
            }
        ),
        vdb_entities=vdb(
            {f"ent-{md5(n)}": f"{n}\n{text}" for n, (_, text, _) in ENTITIES.items()}
        ),
        vdb_relationships=vdb(
            {
                f"rel-{md5(a + b)}": f"{words}\t{a}\t{b}\n{text}"
                for (a, b), (text, words, *_) in RELATIONS.items()
            }
        ),
    )
    report = run(folder, workspace)
    assert (report.vectors_reused, report.vectors_made) == (10, 0)
    assert models.embedder.texts == 3  # the sample
    assert tuple(search_row_counts(workspace)) == (3, 4, 3)


def test_vectors_of_another_model_are_recomputed(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    folder = write_store(tmp_path, vdb_chunks=vdb({"a-0": "something else"}))
    report = run(folder, workspace)
    assert (report.vectors_reused, report.vectors_made) == (0, 10)


def test_an_unfinished_document_is_imported_as_failed(
    workspace: Workspace, models: FakeModels, tmp_path: Path
) -> None:
    status = {
        "doc-a": {"status": "processed", "file_path": "a.txt"},
        "doc-b": {"status": "failed", "file_path": "a.txt", "error_msg": "No key."},
        "dup-c": {"status": "failed", "file_path": "a.txt"},
    }
    report = run(write_store(tmp_path, kv_store_doc_status=status), workspace)
    assert (report.imported, report.unfinished, report.skipped) == (2, 1, 1)
    failed = Document.objects.get(status=Status.FAILED)
    assert (failed.name, failed.error_msg) == ("a (doc-b).txt", "No key.")
    assert failed.lease_owner == ""
    assert Chunk.objects.count() == 2


def test_the_command_prints_a_report(
    db: None,
    models: FakeModels,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("import_lightrag", str(write_store(tmp_path)), workspace="moved")
    assert "2 documents imported into 'moved' (3 chunks)" in capsys.readouterr().out


def test_a_folder_without_a_store_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidStore, match="kv_store_text_chunks"):
        FileStore(tmp_path)


def test_descriptions_and_weights_are_split_over_the_chunks() -> None:
    assert split_description("a<SEP>b", 3) == ["a", "b", ""]
    assert split_description("a<SEP>b<SEP>c", 2) == ["a", "b<SEP>c"]
    assert split_description("", 1) == [""]
    assert split_weight(5.0, 3) == [3.0, 1.0, 1.0]
    assert sum(split_weight(0.5, 3)) == pytest.approx(0.5)
