"""Eight writers of one hub: no deadlock or server's error reaches any, no update is lost.

`python -m tests.benchmarks writers [seconds]`, a minute where nothing else is said.
"""

from __future__ import annotations

import re
from collections import Counter

from rich.console import Console

from tests import live_server
from tests.benchmarks import crash, mixed
from tests.writers import Writers

SPEAK_OF_HUB = """
SELECT count(*) FROM documents_document d WHERE NOT EXISTS (
    SELECT FROM documents_chunk c
    JOIN graph_entitymention m ON m.chunk_id = c.id
    JOIN graph_entity e ON e.id = m.entity_id AND e.name = 'Hub'
    WHERE c.document_id = d.id)
"""
RAISED = re.compile(r"^[\w.]+(?:Error|Violation|Detected|Failed): .*", re.MULTILINE)
SERVER = mixed.STAND_INS | {"WORKERS": "2", "WEB_WORKERS": "2"}


def run(console: Console, seconds: int) -> None:
    """What was answered, and what does not hold when everything has come to rest."""
    with live_server.started(SERVER) as live:
        writers = Writers(str(live.client.base_url), seconds)
        writers.seed(live.client)
        live_server.settle(live.client, writers.seeds)
        writers.run()
        writers.rest(live.client)
        for answer, count in sorted(writers.answers.items()):
            console.print(f"{count:6} {answer}", highlight=False)
        broken = list(writers.broken_promises(live.client))
        with crash.database(live) as connection:
            row = connection.execute(SPEAK_OF_HUB).fetchone()
            size = connection.execute("SELECT count(*) FROM graph_relation").fetchone()
        said = (live.folder / "server.log").read_text(errors="replace")
        console.print(f"relations: {size and size[0]}")
        console.print(f"broken promises: {broken or 'none'}")
        console.print(f"documents whose word of the hub is lost: {row and row[0]}")
        raised = Counter(RAISED.findall(said))
        console.print(f"raised, by the log: {dict(raised) or 'nothing'}")
        clean = crash.graph_is_clean(live)
        console.print(f"check_graph: {'clean' if clean else 'DIFFERS'}")
