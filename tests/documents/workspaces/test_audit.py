"""The audit trail: one immutable row per action, with its actor."""

from __future__ import annotations

from contextvars import Context

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Max, QuerySet

from documents.intake import uploads
from documents.intake.uploads import TextItem
from documents.lifecycle import document_deletion, retry_and_cancel
from documents.models import Document, Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Action, Actor, Kind
from graph.curation import edit, entity_merge, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import EntityExists
from graph.models import AuditEntry

ADA = Actor(Kind.USER, "ada", "192.0.2.1")


@pytest.fixture
def rows(workspace: Workspace) -> QuerySet[AuditEntry]:
    """Return the rows that the test adds, oldest first.

    Other tests may have left rows, since rows cannot be deleted.
    """
    latest = AuditEntry.objects.aggregate(Max("pk", default=0))["pk__max"]
    return AuditEntry.objects.filter(pk__gt=latest).order_by("pk")


def trail(rows: QuerySet[AuditEntry]) -> list[tuple[str, str]]:
    """Return the actions and targets of the rows."""
    return list(rows.values_list("action", "target"))


def test_a_row_has_actor_action_workspace_and_target(
    workspace: Workspace, rows: QuerySet[AuditEntry]
) -> None:
    with audit.acting_as(ADA):
        audit.record(Action.ENTITY_EDIT, "Radium", workspace_id=workspace.pk, a=1)
    row = rows.get()
    assert (row.actor_kind, row.actor, row.address) == ("user", "ada", "192.0.2.1")
    assert (row.action, row.workspace, row.target) == ("entity.edit", "tests", "Radium")
    assert row.details == {"a": 1}


def test_the_default_actor_is_the_worker() -> None:
    assert Context().run(audit.current_actor) == audit.WORKER


def test_an_actor_is_reset_at_the_end_of_its_context() -> None:
    with audit.acting_as(ADA):
        with audit.acting_as(Actor(Kind.KEY, "bot")):
            assert audit.current_actor().name == "bot"
        assert audit.current_actor() == ADA


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM graph_auditentry", "UPDATE graph_auditentry SET actor = 'other'"],
)
def test_rows_cannot_be_changed_or_deleted(
    rows: QuerySet[AuditEntry], statement: str
) -> None:
    audit.record(Action.LOGIN, "ada")
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert trail(rows) == [("login", "ada")]


def test_a_failed_action_is_not_recorded(
    workspace: Workspace, rows: QuerySet[AuditEntry]
) -> None:
    changes = EntityChanges(description="A metal")
    edit.create_entity(workspace.pk, "Radium", changes)
    with pytest.raises(EntityExists):
        edit.create_entity(workspace.pk, "Radium", changes)
    assert trail(rows) == [("entity.create", "Radium")]


def test_every_edit_of_the_graph_is_recorded(
    workspace: Workspace, rows: QuerySet[AuditEntry]
) -> None:
    pk = workspace.pk
    for name in ("Radium", "Polonium", "Curie"):
        edit.create_entity(pk, name, EntityChanges(description="x"))
    edit.create_relation(pk, "Curie", "Radium", RelationChanges(description="found"))
    edit.edit_relation(pk, "Curie", "Radium", RelationChanges(keywords="found"))
    edit.edit_entity(pk, "Curie", EntityChanges(description="A physicist"))
    edit.edit_entity(pk, "Curie", EntityChanges("Marie Curie"), allow_rename=True)
    entity_merge.merge_entities(pk, ["Polonium"], "Radium")
    unmerge.split_entity(pk, "Polonium")
    edit.delete_relation(pk, "Marie Curie", "Radium")
    edit.delete_entity(pk, "Radium")
    assert trail(rows)[3:] == [
        ("relation.create", "Curie – Radium"),
        ("relation.edit", "Curie – Radium"),
        ("entity.edit", "Curie"),
        ("entity.rename", "Marie Curie"),
        ("entity.merge", "Radium"),
        ("entity.split", "Polonium"),
        ("relation.delete", "Marie Curie – Radium"),
        ("entity.delete", "Radium"),
    ]


def test_an_action_on_several_documents_is_one_row(
    workspace: Workspace, rows: QuerySet[AuditEntry]
) -> None:
    items = [TextItem(f"Text {number}.", f"{number}.txt") for number in range(120)]
    uploads.accept_texts(workspace, items, track_id="t")
    retry_and_cancel.cancel(workspace)
    retry_and_cancel.retry_failed(workspace)
    ids = [row.public_id for row in Document.objects.order_by("pk")[:2]]
    document_deletion.delete_documents(workspace, ids)
    document_deletion.clear(workspace)
    assert trail(rows) == [
        ("document.add", "0.txt, 1.txt, 2.txt, 3.txt, 4.txt"),
        ("document.cancel", "tests"),
        ("document.retry", "tests"),
        ("document.delete", "0.txt, 1.txt"),
        ("document.clear", "tests"),
    ]
    added = rows.first()
    assert added
    assert added.details["count"] == 120
    assert len(added.details["names"]) == 100
