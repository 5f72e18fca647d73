"""Eight concurrent writers of one entity: no deadlocks, no server errors, no lost updates.

`python -m tests.benchmarks writers [seconds]`, by default a minute.
"""

from __future__ import annotations

import re
from collections import Counter

from rich.console import Console

from tests import live_server
from tests.benchmarks import crash, mixed
from tests.writers import Writers

WITHOUT_MENTION = """
SELECT count(*) FROM documents_document d WHERE NOT EXISTS (
    SELECT FROM documents_chunk c
    JOIN graph_entitymention m ON m.chunk_id = c.id
    JOIN graph_entity e ON e.id = m.entity_id AND e.name = 'Hub'
    WHERE c.document_id = d.id)
"""
EXCEPTION = re.compile(r"^[\w.]+(?:Error|Violation|Detected|Failed): .*", re.MULTILINE)
SERVER = mixed.STAND_INS | {"WORKERS": "2", "WEB_WORKERS": "2"}


def run(console: Console, seconds: int) -> None:
    """Print the responses, and the inconsistencies after all work is done."""
    with live_server.started(SERVER) as live:
        writers = Writers(str(live.client.base_url), seconds)
        writers.seed(live.client)
        live_server.settle(live.client, writers.seeds)
        writers.run()
        writers.rest(live.client)
        for answer, count in sorted(writers.answers.items()):
            console.print(f"{count:6} {answer}", highlight=False)
        broken = list(writers.lost_changes(live.client))
        with crash.database(live) as connection:
            row = connection.execute(WITHOUT_MENTION).fetchone()
            size = connection.execute("SELECT count(*) FROM graph_relation").fetchone()
        log = (live.folder / "server.log").read_text(errors="replace")
        console.print(f"relations: {size and size[0]}")
        console.print(f"broken promises: {broken or 'none'}")
        console.print(f"documents without a mention of the hub: {row and row[0]}")
        exceptions = Counter(EXCEPTION.findall(log))
        console.print(f"exceptions in the log: {dict(exceptions) or 'none'}")
        clean = crash.graph_is_clean(live)
        console.print(f"check_graph: {'clean' if clean else 'DIFFERS'}")
