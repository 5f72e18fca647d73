"""The tables of a backup for people to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lightrag_site.backup.tables import TableSum


class Writer(Protocol):
    """What Django's commands write to."""

    def write(self, msg: str) -> object: ...


def show(
    out: Writer, wanted: Mapping[str, TableSum], found: Mapping[str, TableSum]
) -> None:
    """A line for each table: rows, checksum, and whether they are the wanted ones."""
    for table, total in wanted.items():
        same = "" if found.get(table) == total else "  DIFFERS"
        out.write(f"{table:<32} {total.rows:>9}  {total.checksum:>26}{same}")
