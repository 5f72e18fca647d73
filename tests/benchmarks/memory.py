"""Memory of an idle server with a provider, in proportional set size (Linux).

Shared memory is divided among the processes that use it, so the sum is what the server
adds to the machine.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress

import psutil
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.flows import stand_in_provider
from tests.live_server import LiveServer
from tests.retrieval.llm.provider import Provider

SETTLE_SECONDS = 10.0
MIB = 1024 * 1024
ROLES = {
    "lightrag_site.server": "supervisor",
    "lightrag_site.serving.web": "web process",
    "lightrag_site.running.relay": "relay",
    "celery": "worker with its processes",
    "documents.parse_process": "parser",
    "postgres": "PostgreSQL",
    "valkey-server": "Valkey",
}
TEXT = "Ada Lovelace wrote the first program for Charles Babbage's engine."


def run(console: Console) -> None:
    """Print the memory of the idle server, after a question, and after a document."""
    with (
        Provider() as provider,
        live_server.scratch_folder() as folder,
        live_server.started(variables(provider), folder) as server,
    ):
        provider.respond = stand_in_provider.respond
        console.print(_table(measure(server)))


def variables(provider: Provider) -> dict[str, str]:
    """Return the settings of a server that uses the provider for all models."""
    models = {"LLM_MODEL": "gpt", "EMBEDDING_MODEL": "hash", "EMBEDDING_DIM": "64"}
    for model in ("LLM", "EMBEDDING"):
        models |= {
            f"{model}_BINDING": "openai",
            f"{model}_BINDING_HOST": f"{provider.url}/v1",
            f"{model}_BINDING_API_KEY": stand_in_provider.KEY,
        }
    return models | {"LOG_LEVEL": "WARNING"}


def measure(server: LiveServer) -> dict[str, dict[str, float]]:
    """Return MiB by role, in each of three states of the server."""
    live_server.wait_for_worker(server.client)
    time.sleep(SETTLE_SECONDS)
    states = {"idle": by_role(server.process.pid)}
    server.client.post("/query", json={"query": "Who wrote it?", "mode": "naive"})
    states["after a question"] = by_role(server.process.pid)
    server.client.post("/documents/text", json={"text": TEXT, "file_source": "a.txt"})
    live_server.settle(server.client, 1)
    states["after a document"] = by_role(server.process.pid)
    return states


def by_role(supervisor: int) -> dict[str, float]:
    """Return the proportional set size of the processes of a supervisor, in MiB."""
    root = psutil.Process(supervisor)
    sizes: dict[str, float] = defaultdict(float)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            command = " ".join(process.cmdline())
            role = next((ROLES[name] for name in ROLES if name in command), "other")
            sizes[role] += process.memory_full_info().pss / MIB
    return {**sizes, "all": sum(sizes.values())}


def _table(states: dict[str, dict[str, float]]) -> Table:
    table = Table("MiB", *states)
    for role in (*dict.fromkeys(ROLES.values()), "all"):
        cells = [f"{sizes.get(role, 0.0):.0f}" for sizes in states.values()]
        table.add_row(role, *cells)
    return table
