"""Start the processes of one machine, and restart those that exit."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from documents import parse_process
from lightrag_site.configuration.bindings import IN_PROCESS
from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.configuration.environment import (
    LISTEN_FD,
    MODEL_RELAY,
    PARSE_SERVER,
    START_GATE,
    SUPERVISED_WORKER,
)
from lightrag_site.running.processes import AnyChild, OnDemandChild, Program

RELAY, PARSER = "relay.sock", "parser.sock"
"""Names of the sockets of the relay and of the parsers' fork server."""
CHECK_INTERVAL = 0.1
"""Seconds between two checks of the children."""


def workers(config: LightRAGConfig, sockets: Path) -> list[Program]:
    """Return the programs that process documents.

    Each supervisor needs its own folder of sockets: containers can share one WORKING_DIR,
    and their relays would replace each other's socket.
    """
    relay = [_relay(sockets / RELAY)] if _uses_provider(config) else []
    return [*relay, _worker(config, sockets)]


def parse_server(listening: socket.socket) -> OnDemandChild:
    """Return the fork server that parses the documents of all workers of this machine."""
    program = Program(
        name="parser",
        argv=parse_process.command(listening.fileno()),
        environment=parse_process.ENVIRONMENT,
        inherit_environment=False,
        keep_fds=(listening.fileno(),),
    )
    return OnDemandChild(program, listening)


def keep_running(children: Sequence[AnyChild], stopping: threading.Event) -> None:
    """Restart programs that exit, until `stopping` is set."""
    while not stopping.wait(CHECK_INTERVAL):
        for child in children:
            child.restart_if_dead()


def web(
    config: LightRAGConfig, parts: tuple[str, ...], listening: socket.socket, gate: int
) -> list[Program]:
    """Return the web processes; `gate` is the descriptor of the start gate."""
    descriptor = listening.fileno()
    return [
        Program(
            name=f"web {number}",
            argv=(sys.executable, "-m", "lightrag_site.serving.web"),
            environment={
                LISTEN_FD: str(descriptor),
                START_GATE: str(gate),
                SUPERVISED_WORKER: "1" if "worker" in parts else "",
            },
            keep_fds=(descriptor, gate),
        )
        for number in range(1, config.server.web_workers + 1)
    ]


def _uses_provider(config: LightRAGConfig) -> bool:
    """Return whether a worker calls models outside of its own process."""
    models = {config.extract_llm.binding, config.embedding.binding}
    if config.ingest.vlm:
        models.add(config.vlm_llm.binding)
    return not models <= IN_PROCESS


def _relay(socket_: Path) -> Program:
    """Describe the relay, which makes the workers' model calls."""
    return Program(
        name="relay",
        argv=(sys.executable, "-m", "lightrag_site.running.relay", str(socket_)),
    )


def _worker(config: LightRAGConfig, sockets: Path) -> Program:
    """Describe the worker."""
    return Program(
        name="worker",
        argv=(
            *(sys.executable, "-m", "celery", "--quiet"),
            *("-A", "lightrag_site.celery", "worker"),
            *("--concurrency", str(config.server.workers)),
            *("--loglevel", config.server.log_level),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        # SIGTERM then ends tasks after CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT.
        environment={
            "REMAP_SIGTERM": "SIGQUIT",
            MODEL_RELAY: str(sockets / RELAY),
            PARSE_SERVER: str(sockets / PARSER),
        },
        # Celery prints advice to standard output; logs go to standard error.
        quiet=True,
    )
