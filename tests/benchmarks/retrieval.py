"""Prepare the evaluation on MuSiQue: `python -m tests.benchmarks.retrieval DATA FOLDER`.

Creates the workspace `musique_<embedder>` in a database under FOLDER, and writes the
questions to FOLDER/questions.jsonl for `manage.py evaluate`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedder", choices=("minilm", "local"), default="minilm")
    options = parser.parse_args()
    server = scratch.use(options.folder / "postgres", "retrieval")
    try:
        _load(options.data, options.folder, options.embedder)
    finally:
        server.cleanup()


def _load(data: Path, folder: Path, embedder: str) -> None:
    from tests.benchmarks import embedders, replayed

    started = time.monotonic()
    model = embedders.cached(embedder, folder)
    try:
        replayed.load(replayed.musique(data), f"musique_{embedder}", model)
    finally:
        model.save()
    lines = [json.dumps(question) for question in replayed.questions(data)]
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{time.monotonic() - started:.0f} s")  # noqa: T201


main()
