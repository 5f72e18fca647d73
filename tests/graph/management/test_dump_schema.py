"""Test that graph/migrations/schema.sql shows the functions and triggers in use."""

from __future__ import annotations

from graph.management.commands import dump_schema


def test_schema_file_equals_a_fresh_database(db: None) -> None:
    """After a migration that changes a function, run `manage.py dump_schema`."""
    assert dump_schema.SCHEMA.read_text() == dump_schema.schema()
