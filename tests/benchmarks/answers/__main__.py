"""Measure answers: `python -m tests.benchmarks.answers DATA FOLDER [TABLE …]`.

DATA holds the folders `musique` and `medical` (docs/benchmarks/retrieval.md). Workspaces
are created in a database under FOLDER, and kept there with the vectors for the next run.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch

if TYPE_CHECKING:
    from documents.models import Workspace
    from tests.benchmarks.replayed import Corpus
    from tests.benchmarks.vector_cache import CachedEmbedder

TABLES = ("follow-ups", "nothing-found", "quotations", "support")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], default=TABLES)
    parser.add_argument("--embedder", choices=("minilm", "local"), default="minilm")
    options = parser.parse_args()
    server = scratch.use(options.folder / "postgres", "answers")
    try:
        _measure(options.data, options.folder, options.embedder, options.tables)
    finally:
        server.cleanup()


def _measure(data: Path, folder: Path, name: str, wanted: list[str]) -> None:
    from rich.console import Console

    from tests.benchmarks import embedders, replayed
    from tests.benchmarks.answers import (
        follow_ups,
        nothing_found,
        quotations,
        support_check,
    )

    console = Console(width=100)
    embedder = embedders.cached(name, folder)
    corpora = {
        "musique": replayed.musique(data / "musique"),
        "medical": replayed.medical(data / "medical"),
    }
    try:
        workspaces = {
            title: _workspace(corpus, f"{title}_{name}", embedder, folder)
            for title, corpus in corpora.items()
        }
        tables = {
            "follow-ups": lambda: follow_ups.tables(
                data / "musique", workspaces["musique"]
            ),
            "nothing-found": lambda: nothing_found.tables(data, workspaces),
            "quotations": lambda: [quotations.table(data, workspaces, embedder)],
            "support": lambda: support_check.tables(data),
        }
        for table in (table for title in wanted for table in tables[title]()):
            console.print(table)
    finally:
        embedder.save()


def _workspace(
    corpus: Corpus, name: str, embedder: CachedEmbedder, folder: Path
) -> Workspace:
    """Return the workspace, loaded by this run or an earlier one."""
    from documents.workspaces import lookup
    from tests.benchmarks import replayed

    loaded = folder / f"{name}.loaded"
    if loaded.exists():
        replayed.configure(corpus, embedder, embedder.identity)
        return lookup.ensure(name)
    workspace = replayed.load(corpus, name, embedder)
    embedder.save()
    loaded.touch()
    return workspace


main()
