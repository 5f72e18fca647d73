"""Import of LightRAG's PostgreSQL store.

The tests run with two schemas: a minimal one with the columns that the import reads, and
the one of LightRAG 1.5.7. The statements of the latter come from its wheel, which
`make test` unpacks.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from documents.importers.lightrag import import_store
from documents.importers.lightrag.file_store import FileStore
from documents.importers.lightrag.import_store import ImportReport
from documents.importers.lightrag.postgres_graph import graph_name
from documents.importers.lightrag.postgres_store import PostgresStore
from documents.importers.lightrag.store import InvalidStore
from documents.models import Workspace
from graph.age import consistency
from graph.models import Entity, Relation
from retrieval.llm import event_loop
from tests.documents.importers.lightrag.test_import_store import (
    DOCUMENTS,
    ENTITIES,
    RELATIONS,
    md5,
    search_row_counts,
    write_store,
)
from tests.models import FakeModels

LIGHTRAG_SOURCE = Path(__file__).resolve().parents[4] / ".venv/upstream/lightrag/kg"
MINIMAL_SCHEMA = """
CREATE TABLE LIGHTRAG_DOC_STATUS (workspace varchar(255), id varchar(255),
    content_summary varchar(255), content_length int, chunks_count int,
    status varchar(64), file_path text, chunks_list jsonb, track_id varchar(255),
    metadata jsonb, error_msg text, created_at timestamp, updated_at timestamp,
    PRIMARY KEY (workspace, id));
CREATE TABLE LIGHTRAG_DOC_FULL (workspace varchar(255), id varchar(255),
    doc_name varchar(1024), content text, meta jsonb, PRIMARY KEY (workspace, id));
CREATE TABLE LIGHTRAG_DOC_CHUNKS (workspace varchar(255), id varchar(255),
    full_doc_id varchar(256), chunk_order_index int, tokens int, content text,
    file_path text, llm_cache_list jsonb, heading jsonb, PRIMARY KEY (workspace, id));
CREATE TABLE LIGHTRAG_ENTITY_CHUNKS (workspace varchar(255), id varchar(512),
    chunk_ids jsonb, count int, PRIMARY KEY (workspace, id));
CREATE TABLE LIGHTRAG_RELATION_CHUNKS (LIKE LIGHTRAG_ENTITY_CHUNKS INCLUDING ALL);
CREATE TABLE LIGHTRAG_VDB_CHUNKS_hash_64d (workspace varchar(255), id varchar(255),
    content text, content_vector vector(64), PRIMARY KEY (workspace, id));
CREATE TABLE LIGHTRAG_VDB_ENTITY_hash_64d (LIKE LIGHTRAG_VDB_CHUNKS_hash_64d INCLUDING ALL);
CREATE TABLE LIGHTRAG_VDB_RELATION_hash_64d
    (LIKE LIGHTRAG_VDB_CHUNKS_hash_64d INCLUDING ALL);
CREATE TABLE lightrag_graph_nodes (workspace text, namespace text, id text,
    properties jsonb, PRIMARY KEY (workspace, namespace, id));
CREATE TABLE lightrag_graph_edges (workspace text, namespace text, src_id text,
    tgt_id text, properties jsonb, PRIMARY KEY (workspace, namespace, src_id, tgt_id));
"""

LightragConnection = psycopg.Connection[tuple[object, ...]]


def minimal() -> str:
    return MINIMAL_SCHEMA


def lightrag_1_5_7() -> str:
    """Return LightRAG's statements, with the suffixes and dimensions of its vector tables."""
    tables = constant("postgres_impl.py", "TABLES")
    statements = []
    for name, table in tables.items():
        ddl = str(table["ddl"])
        if name.startswith("LIGHTRAG_VDB"):
            ddl = ddl.replace(f"{name} (", f"{name}_hash_64d (")
        statements.append(ddl.replace("VECTOR(dimension)", "VECTOR(64)"))
    return ";\n".join([*statements, constant("pgtable_impl.py", "_DDL")])


def constant(file: str, name: str) -> Any:
    """Return a constant of a LightRAG module, without importing the module."""
    for node in ast.parse((LIGHTRAG_SOURCE / file).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{file} has no {name}")


@pytest.fixture(scope="module", params=[minimal, lightrag_1_5_7])
def url(request: pytest.FixtureRequest, django_db_setup: None) -> str:
    """Create a database with LightRAG's tables; return its URL.

    It is deleted with the PostgreSQL server of the tests.
    """
    if request.param is lightrag_1_5_7 and not LIGHTRAG_SOURCE.is_dir():
        pytest.skip("lightrag-hku is not unpacked: make .venv/.upstream")
    database = f"lightrag_{request.param.__name__}"
    options = connection.settings_dict
    server = {"host": options["HOST"], "user": options["USER"]}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database}")
    address = psycopg.conninfo.make_conninfo(
        **server, dbname=database, options="-c lock_timeout=5s"
    )
    with psycopg.connect(address, autocommit=True) as database_connection:
        database_connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        database_connection.execute("CREATE EXTENSION IF NOT EXISTS age")
        database_connection.execute(request.param())
    return address


@pytest.fixture
def lightrag(url: str) -> Iterator[LightragConnection]:
    with psycopg.connect(url, autocommit=True) as lightrag:
        yield lightrag
        lightrag.execute(
            "SELECT ag_catalog.drop_graph(name, true) FROM ag_catalog.ag_graph"
        )
        lightrag.execute(
            "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE"
            " relname LIKE 'lightrag%' AND relkind = 'r' LOOP"
            " EXECUTE format('TRUNCATE %I CASCADE', t); END LOOP; END $$"
        )


def write(lightrag: LightragConnection, workspace: str = "default") -> None:
    """Write the documents of `test_import_store`, their chunks and the chunk ids."""
    for key, (name, texts) in DOCUMENTS.items():
        lightrag.execute(
            "INSERT INTO LIGHTRAG_DOC_STATUS (workspace, id, status, file_path,"
            " created_at) VALUES (%s, %s, 'processed', %s, '2025-11-18 06:04:59')",
            [workspace, key, name],
        )
        lightrag.execute(
            "INSERT INTO LIGHTRAG_DOC_FULL (workspace, id, doc_name, content)"
            " VALUES (%s, %s, %s, %s)",
            [workspace, key, name, " ".join(texts)],
        )
        for order, text in enumerate(texts):
            lightrag.execute(
                "INSERT INTO LIGHTRAG_DOC_CHUNKS (workspace, id, full_doc_id,"
                " chunk_order_index, tokens, content, heading)"
                " VALUES (%s, %s, %s, %s, 5, %s, '{}')",
                [workspace, f"{key[-1]}-{order}", key, order, text],
            )
    entity_chunks = {name: ids for name, (*_, ids) in ENTITIES.items()}
    relation_chunks = {
        "<SEP>".join(sorted(e)): ids for e, (*_, ids) in RELATIONS.items()
    }
    for table, rows in (("ENTITY", entity_chunks), ("RELATION", relation_chunks)):
        for name, ids in rows.items():
            lightrag.execute(
                f"INSERT INTO LIGHTRAG_{table}_CHUNKS (workspace, id, chunk_ids, count)"
                " VALUES (%s, %s, %s, %s)",
                [workspace, name, json.dumps(ids), len(ids)],
            )


def properties(name: str) -> dict[str, str]:
    kind, text, ids = ENTITIES[name]
    return {
        "entity_id": name,
        "entity_type": kind,
        "description": text,
        "source_id": "<SEP>".join(ids),
    }


def edge_properties(ends: tuple[str, str]) -> dict[str, object]:
    text, words, weight, ids = RELATIONS[ends]
    return {
        "description": text,
        "keywords": words,
        "weight": weight,
        "source_id": "<SEP>".join(ids),
    }


def write_graph_tables(
    lightrag: LightragConnection, workspace: str = "default"
) -> None:
    key = [workspace, "chunk_entity_relation"]
    for name in ENTITIES:
        lightrag.execute(
            "INSERT INTO lightrag_graph_nodes VALUES (%s, %s, %s, %s)",
            [*key, name, json.dumps(properties(name))],
        )
    for ends in RELATIONS:
        lightrag.execute(
            "INSERT INTO lightrag_graph_edges VALUES (%s, %s, %s, %s, %s)",
            [*key, *sorted(ends), json.dumps(edge_properties(ends))],
        )


def write_age_graph(lightrag: LightragConnection, workspace: str = "") -> None:
    graph = graph_name(workspace)
    lightrag.execute('SET search_path = public, ag_catalog, "$user"')
    lightrag.execute("SELECT create_graph(%s)", [graph])
    for name in ENTITIES:
        cypher(lightrag, graph, f"CREATE (:base {literal(properties(name))})")
    for ends in RELATIONS:
        a, b = ends
        cypher(
            lightrag,
            graph,
            f"MATCH (a:base {{entity_id: '{a}'}}), (b:base {{entity_id: '{b}'}})"
            f" CREATE (a)-[:DIRECTED {literal(edge_properties(ends))}]->(b)",
        )


def literal(values: dict[str, str] | dict[str, object]) -> str:
    inside = ", ".join(f"{key}: {json.dumps(value)}" for key, value in values.items())
    return f"{{{inside}}}"


def cypher(lightrag: LightragConnection, graph: str, text: str) -> None:
    statement = sql.SQL("SELECT * FROM cypher({}, $$ {} $$) AS (a agtype)")
    lightrag.execute(statement.format(sql.Literal(graph), sql.SQL(text)))


def run(url: str, workspace: Workspace, source: str = "") -> ImportReport:
    with closing(PostgresStore(url, source)) as store:
        return import_store.run(store, workspace, lambda *_: None)


def graph_of(workspace: Workspace) -> tuple[set[object], set[object]]:
    """Return the values of the workspace's entities and relations."""
    entities = Entity.objects.filter(workspace=workspace)
    relations = Relation.objects.filter(workspace=workspace)
    return (
        set(entities.values_list("name", "entity_type", "description", "degree")),
        set(
            relations.values_list(
                "source__name", "target__name", "description", "keywords", "weight"
            )
        ),
    )


@pytest.mark.parametrize("write_graph", [write_graph_tables, write_age_graph])
def test_the_import_equals_that_of_the_same_store_in_files(
    write_graph: object,
    url: str,
    lightrag: LightragConnection,
    workspace: Workspace,
    models: FakeModels,
    tmp_path: Path,
) -> None:
    write(lightrag)
    if write_graph is write_age_graph:
        write_age_graph(lightrag)
    else:
        write_graph_tables(lightrag)
    report = run(url, workspace)
    assert (report.imported, report.chunks, models.chat.calls) == (2, 3, 0)
    assert tuple(search_row_counts(workspace)) == (3, 4, 3)
    assert not consistency.check(workspace.pk).differences
    other = Workspace.objects.create(
        name="files", embedding_model="fake:hash", embedding_dimensions=64
    )
    import_store.run(FileStore(write_store(tmp_path)), other, lambda *_: None)
    assert graph_of(workspace) == graph_of(other)


def test_vectors_of_the_same_model_are_reused(
    url: str, lightrag: LightragConnection, workspace: Workspace, models: FakeModels
) -> None:
    write(lightrag)
    write_graph_tables(lightrag)
    texts = {
        "CHUNKS": {
            f"{key[-1]}-{order}": text
            for key, (_, parts) in DOCUMENTS.items()
            for order, text in enumerate(parts)
        },
        "ENTITY": {f"ent-{md5(n)}": f"{n}\n{t}" for n, (_, t, _) in ENTITIES.items()},
        "RELATION": {
            f"rel-{md5(a + b)}": f"{w}\t{a}\t{b}\n{t}"
            for (a, b), (t, w, *_) in RELATIONS.items()
        },
    }
    for table, rows in texts.items():
        vectors = event_loop.run(
            FakeModels().embedder.embed_documents(list(rows.values()))
        )
        for (key, text), vector in zip(rows.items(), vectors.tolist(), strict=True):
            lightrag.execute(
                f"INSERT INTO LIGHTRAG_VDB_{table}_hash_64d"
                " (workspace, id, content, content_vector) VALUES ('default', %s, %s, %s)",
                [key, text, str(vector)],
            )
    report = run(url, workspace)
    assert (report.vectors_reused, report.vectors_made) == (10, 0)


def test_other_workspaces_of_the_database_are_not_imported(
    url: str, lightrag: LightragConnection, workspace: Workspace, models: FakeModels
) -> None:
    write(lightrag, "other")
    write_graph_tables(lightrag, "other")
    assert run(url, workspace).imported == 0
    assert not Entity.objects.exists()
    assert run(url, workspace, "other").imported == 2


def test_the_command_accepts_a_database_url(
    url: str,
    lightrag: LightragConnection,
    db: None,
    models: FakeModels,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(lightrag, "other")
    write_graph_tables(lightrag, "other")
    options = psycopg.conninfo.conninfo_to_dict(url)
    address = (
        f"postgresql://{options['user']}@/{options['dbname']}?host={options['host']}"
    )
    call_command("import_lightrag", address, workspace="moved", source="other")
    assert "2 documents imported into 'moved' (3 chunks)" in capsys.readouterr().out


def test_a_database_without_a_store_is_rejected(db: None) -> None:
    options = connection.settings_dict
    url = psycopg.conninfo.make_conninfo(
        host=options["HOST"], user=options["USER"], dbname="postgres"
    )
    with pytest.raises(InvalidStore, match="no table LIGHTRAG_DOC_CHUNKS"):
        PostgresStore(url)
    with pytest.raises(CommandError, match="Cannot connect"):
        call_command("import_lightrag", "postgresql://nobody@127.0.0.1:1/none")
