"""The list of foreign tables that documents changes is complete and has no extra entry."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import documents

ROOT = Path(documents.__file__).parent
CHANGE = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM) ((?:graph|search|retrieval|compat_api)_\w+)"
)
ENTRY = re.compile(r"^- ([\w.]+): ((?:\w+,\s+)*\w+)$", re.MULTILINE)


def changed_tables() -> dict[str, set[str]]:
    tables = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        if path.parent.name != "migrations":
            module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            for table in CHANGE.findall(path.read_text()):
                tables[module].add(table)
    return tables


def listed_tables() -> dict[str, set[str]]:
    assert documents.__doc__
    return {
        module: set(re.split(r",\s+", tables))
        for module, tables in ENTRY.findall(documents.__doc__)
    }


def test_foreign_tables_are_listed() -> None:
    assert listed_tables() == changed_tables()
