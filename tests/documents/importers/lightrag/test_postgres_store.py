"""Moving in from LightRAG's PostgreSQL, whose tables are made here as it makes them.

Once as older versions did, in the least columns that we read, and once by the statements
of LightRAG 1.5.7 itself, which are taken out of its wheel where `make test` has unpacked
it; nothing of it is kept here.
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
from documents.importers.lightrag.store import NotAStore
from documents.models import Workspace
from graph.age import consistency
from graph.models import Entity, Relation
from retrieval.llm import event_loop
from tests.documents.importers.lightrag.test_import_store import (
    DOCUMENTS,
    ENTITIES,
    RELATIONS,
    findable,
    md5,
    write_store,
)
from tests.models import FakeModels

UPSTREAM = Path(__file__).resolve().parents[4] / ".venv/upstream/lightrag/kg"
FEWEST = """
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

Upstream = psycopg.Connection[tuple[object, ...]]


def fewest() -> str:
    return FEWEST


def of_1_5_7() -> str:
    """Its own statements, with the names and lengths that it gives tables of vectors."""
    tables = constant("postgres_impl.py", "TABLES")
    made = []
    for name, table in tables.items():
        ddl = str(table["ddl"])
        if name.startswith("LIGHTRAG_VDB"):
            ddl = ddl.replace(f"{name} (", f"{name}_hash_64d (")
        made.append(ddl.replace("VECTOR(dimension)", "VECTOR(64)"))
    return ";\n".join([*made, constant("pgtable_impl.py", "_DDL")])


def constant(file: str, name: str) -> Any:
    """A constant of one of upstream's modules, which are read and not imported."""
    for node in ast.parse((UPSTREAM / file).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{file} has no {name}")


@pytest.fixture(scope="module", params=[fewest, of_1_5_7])
def url(request: pytest.FixtureRequest, django_db_setup: None) -> str:
    """A database beside the tests' own, with LightRAG's tables; it goes with the server."""
    if request.param is of_1_5_7 and not UPSTREAM.is_dir():
        pytest.skip("lightrag-hku is not unpacked: make .venv/.upstream")
    database = f"lightrag_{request.param.__name__}"
    options = connection.settings_dict
    server = {"host": options["HOST"], "user": options["USER"]}
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database}")
    address = psycopg.conninfo.make_conninfo(
        **server, dbname=database, options="-c lock_timeout=5s"
    )
    with psycopg.connect(address, autocommit=True) as made:
        made.execute("CREATE EXTENSION vector")
        made.execute("CREATE EXTENSION age")
        made.execute(request.param())
    return address


@pytest.fixture
def upstream(url: str) -> Iterator[Upstream]:
    with psycopg.connect(url, autocommit=True) as made:
        yield made
        made.execute(
            "SELECT ag_catalog.drop_graph(name, true) FROM ag_catalog.ag_graph"
        )
        made.execute(
            "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE"
            " relname LIKE 'lightrag%' AND relkind = 'r' LOOP"
            " EXECUTE format('TRUNCATE %I CASCADE', t); END LOOP; END $$"
        )


def write(upstream: Upstream, workspace: str = "default") -> None:
    """The documents of `test_importing`, their chunks, and who speaks of what."""
    for key, (name, texts) in DOCUMENTS.items():
        upstream.execute(
            "INSERT INTO LIGHTRAG_DOC_STATUS (workspace, id, status, file_path,"
            " created_at) VALUES (%s, %s, 'processed', %s, '2025-11-18 06:04:59')",
            [workspace, key, name],
        )
        upstream.execute(
            "INSERT INTO LIGHTRAG_DOC_FULL (workspace, id, doc_name, content)"
            " VALUES (%s, %s, %s, %s)",
            [workspace, key, name, " ".join(texts)],
        )
        for order, text in enumerate(texts):
            upstream.execute(
                "INSERT INTO LIGHTRAG_DOC_CHUNKS (workspace, id, full_doc_id,"
                " chunk_order_index, tokens, content, heading)"
                " VALUES (%s, %s, %s, %s, 5, %s, '{}')",
                [workspace, f"{key[-1]}-{order}", key, order, text],
            )
    tracked = {name: ids for name, (*_, ids) in ENTITIES.items()}
    pairs = {"<SEP>".join(sorted(e)): ids for e, (*_, ids) in RELATIONS.items()}
    for table, rows in (("ENTITY", tracked), ("RELATION", pairs)):
        for name, ids in rows.items():
            upstream.execute(
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


def write_graph_tables(upstream: Upstream, workspace: str = "default") -> None:
    at = [workspace, "chunk_entity_relation"]
    for name in ENTITIES:
        upstream.execute(
            "INSERT INTO lightrag_graph_nodes VALUES (%s, %s, %s, %s)",
            [*at, name, json.dumps(properties(name))],
        )
    for ends in RELATIONS:
        upstream.execute(
            "INSERT INTO lightrag_graph_edges VALUES (%s, %s, %s, %s, %s)",
            [*at, *sorted(ends), json.dumps(edge_properties(ends))],
        )


def write_age_graph(upstream: Upstream, workspace: str = "") -> None:
    graph = graph_name(workspace)
    upstream.execute("LOAD 'age'")
    upstream.execute('SET search_path = public, ag_catalog, "$user"')
    upstream.execute("SELECT create_graph(%s)", [graph])
    for name in ENTITIES:
        cypher(upstream, graph, f"CREATE (:base {literal(properties(name))})")
    for ends in RELATIONS:
        a, b = ends
        cypher(
            upstream,
            graph,
            f"MATCH (a:base {{entity_id: '{a}'}}), (b:base {{entity_id: '{b}'}})"
            f" CREATE (a)-[:DIRECTED {literal(edge_properties(ends))}]->(b)",
        )


def literal(values: dict[str, str] | dict[str, object]) -> str:
    inside = ", ".join(f"{key}: {json.dumps(value)}" for key, value in values.items())
    return f"{{{inside}}}"


def cypher(upstream: Upstream, graph: str, text: str) -> None:
    statement = sql.SQL("SELECT * FROM cypher({}, $$ {} $$) AS (a agtype)")
    upstream.execute(statement.format(sql.Literal(graph), sql.SQL(text)))


def run(url: str, workspace: Workspace, source: str = "") -> ImportReport:
    with closing(PostgresStore(url, source)) as store:
        return import_store.run(store, workspace, lambda *_: None)


def graph_of(workspace: Workspace) -> tuple[set[object], set[object]]:
    """All that the tables say of the workspace's entities and relations."""
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
def test_it_comes_over_as_the_same_store_in_files_does(
    write_graph: object,
    url: str,
    upstream: Upstream,
    workspace: Workspace,
    models: FakeModels,
    tmp_path: Path,
) -> None:
    write(upstream)
    if write_graph is write_age_graph:
        write_age_graph(upstream)
    else:
        write_graph_tables(upstream)
    report = run(url, workspace)
    assert (report.imported, report.chunks, models.chat.calls) == (2, 3, 0)
    assert tuple(findable(workspace)) == (3, 4, 3)
    assert not consistency.check(workspace.pk).differences
    other = Workspace.objects.create(
        name="files", embedding_model="fake:hash", embedding_dimensions=64
    )
    import_store.run(FileStore(write_store(tmp_path)), other, lambda *_: None)
    assert graph_of(workspace) == graph_of(other)


def test_vectors_of_the_same_model_are_taken_over(
    url: str, upstream: Upstream, workspace: Workspace, models: FakeModels
) -> None:
    write(upstream)
    write_graph_tables(upstream)
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
        made = event_loop.run(
            FakeModels().embedder.embed_documents(list(rows.values()))
        )
        for (key, text), vector in zip(rows.items(), made.tolist(), strict=True):
            upstream.execute(
                f"INSERT INTO LIGHTRAG_VDB_{table}_hash_64d"
                " (workspace, id, content, content_vector) VALUES ('default', %s, %s, %s)",
                [key, text, str(vector)],
            )
    report = run(url, workspace)
    assert (report.vectors_reused, report.vectors_made) == (10, 0)


def test_another_workspace_of_the_same_tables_stays_out(
    url: str, upstream: Upstream, workspace: Workspace, models: FakeModels
) -> None:
    write(upstream, "theirs")
    write_graph_tables(upstream, "theirs")
    assert run(url, workspace).imported == 0
    assert not Entity.objects.exists()
    assert run(url, workspace, "theirs").imported == 2


def test_the_command_takes_an_address(
    url: str,
    upstream: Upstream,
    db: None,
    models: FakeModels,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(upstream, "theirs")
    write_graph_tables(upstream, "theirs")
    options = psycopg.conninfo.conninfo_to_dict(url)
    address = (
        f"postgresql://{options['user']}@/{options['dbname']}?host={options['host']}"
    )
    call_command("import_lightrag", address, workspace="moved", source="theirs")
    assert "2 documents imported into 'moved' (3 chunks)" in capsys.readouterr().out


def test_a_database_without_its_tables_is_told_apart(db: None) -> None:
    options = connection.settings_dict
    url = psycopg.conninfo.make_conninfo(
        host=options["HOST"], user=options["USER"], dbname="postgres"
    )
    with pytest.raises(NotAStore, match="no LIGHTRAG_DOC_CHUNKS"):
        PostgresStore(url)
    with pytest.raises(CommandError, match="There is no PostgreSQL"):
        call_command("import_lightrag", "postgresql://nobody@127.0.0.1:1/none")
