"""The processes of one machine: which there are, and that they keep running."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

from lightrag_site.configuration.bindings import IN_PROCESS
from lightrag_site.configuration.config import LightRAGConfig
from lightrag_site.running import relay
from lightrag_site.running.processes import Child, Program
from lightrag_site.serving.web import LISTEN_FD

LOOK_EVERY = 0.3


def programs(
    config: LightRAGConfig,
    parts: tuple[str, ...],
    listening: socket.socket | None,
    relay_socket: Path,
) -> list[Program]:
    """What is to run beside the databases.

    The relay's socket must be nobody else's: workers of several supervisors, of containers
    with one WORKING_DIR say, would lose theirs with the one that started last.
    """
    wanted: list[Program] = []
    if "worker" in parts:
        if _pays(config):
            wanted.append(_relay(relay_socket))
        wanted.append(_worker(config, relay_socket))
    if listening is not None:
        wanted.extend(_web(config, listening))
    return wanted


def keep_running(children: list[Child], stopping: threading.Event) -> None:
    """Start again what dies, until told to stop."""
    while not stopping.wait(LOOK_EVERY):
        for child in children:
            child.revive()


def _web(config: LightRAGConfig, listening: socket.socket) -> list[Program]:
    descriptor = listening.fileno()
    return [
        Program(
            name=f"web {number}",
            argv=(sys.executable, "-m", "lightrag_site.serving.web"),
            environment={LISTEN_FD: str(descriptor)},
            keep_fds=(descriptor,),
        )
        for number in range(1, config.server.web_workers + 1)
    ]


def _pays(config: LightRAGConfig) -> bool:
    """Whether a worker calls models anywhere else than in its own process."""
    return not {config.extract_llm.binding, config.embedding.binding} <= IN_PROCESS


def _relay(socket_: Path) -> Program:
    """The workers' calls are made there; it is stopped with them, and after them."""
    return Program(
        name="relay",
        argv=(sys.executable, "-m", "lightrag_site.running.relay", str(socket_)),
        patience=12.0,
    )


def _worker(config: LightRAGConfig, relay_socket: Path) -> Program:
    """Its beat sends the sweep; several machines' beats do no harm."""
    return Program(
        name="worker",
        argv=(
            *(sys.executable, "-m", "celery", "--quiet"),
            *("-A", "lightrag_site.celery", "worker", "--beat"),
            *("--concurrency", str(config.server.workers)),
            *("--loglevel", config.server.log_level),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        # SIGTERM then gives tasks CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT, and no more.
        environment={
            "REMAP_SIGTERM": "SIGQUIT",
            relay.SOCKET: str(relay_socket),
        },
        patience=12.0,
        # It advises to press Ctrl-C again; what it logs goes to standard error.
        quiet=True,
    )
