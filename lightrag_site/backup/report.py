"""A report of the tables of a backup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lightrag_site.backup.tables import TableSum


class Writer(Protocol):
    """The output of a Django command."""

    def write(self, msg: str) -> object: ...


def show(
    out: Writer, expected: Mapping[str, TableSum], actual: Mapping[str, TableSum]
) -> None:
    """Print rows and checksum of each table, and whether they are as expected."""
    for table, total in expected.items():
        same = "" if actual.get(table) == total else "  DIFFERS"
        out.write(f"{table:<32} {total.rows:>9}  {total.checksum:>26}{same}")
