"""The programs that a supervisor starts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytest_django import Settings

from documents.chunking import ChunkOptions
from documents.parse_process import ENVIRONMENT, PROGRAM, client
from documents.parse_process.messages import Limits, Request
from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.configuration.environment import MODEL_RELAY
from lightrag_site.running import listen_socket, supervisor
from lightrag_site.running.processes import OnDemandChild, stop


def test_a_worker_with_a_provider_uses_the_relay_of_its_supervisor(
    tmp_path: Path,
) -> None:
    config = LightRAGConfig()
    with_provider = replace(
        config, extract_llm=replace(config.extract_llm, binding="openai")
    )
    socket_ = tmp_path / supervisor.RELAY
    relay_program, worker = supervisor.workers(with_provider, tmp_path)
    assert (relay_program.name, relay_program.argv[-1]) == ("relay", str(socket_))
    assert worker.environment[MODEL_RELAY] == str(socket_)


def test_without_a_provider_there_is_no_relay(tmp_path: Path) -> None:
    programs = supervisor.workers(LightRAGConfig(), tmp_path)
    assert [program.name for program in programs] == ["worker"]


@pytest.fixture
def parser(tmp_path: Path, settings: Settings) -> Iterator[OnDemandChild]:
    """Supervise the fork server, and let this process use it as a worker would."""
    client.server_of(os.getpid()).stop()  # that of an earlier test
    settings.PARSE_SERVER = str(tmp_path / supervisor.PARSER)
    listening = listen_socket.open_unix_socket(tmp_path / supervisor.PARSER)
    child, stopping = supervisor.parse_server(listening), threading.Event()
    run = threading.Thread(target=supervisor.keep_running, args=([child], stopping))
    run.start()
    try:
        yield child
    finally:
        client.server_of(os.getpid()).stop()
        stopping.set()
        run.join()
        stop([child])
        listening.close()


def parse(text: str) -> str:
    limits = Limits(1_000, 100, memory_bytes=1 << 30, seconds=30)
    request = Request("a.txt", ChunkOptions(), limits, text=text)

    def unused(_: object) -> list[Any]:
        raise AssertionError

    return client.ParseCall(request, unused, unused).run().parsed.text


def parsers() -> list[psutil.Process]:
    """Return the fork servers that this process has started."""
    processes = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a child that has ended, of another test
            if PROGRAM in child.cmdline():
                processes.append(child)
    return processes


def test_all_workers_share_one_parser(parser: OnDemandChild) -> None:
    assert parsers() == []  # it starts with the first document
    assert parse("one") == "one"
    first = client.server_of(os.getpid())
    client.server_of.cache_clear()  # the next document connects as another worker does
    assert parse("two") == "two"
    first.stop()
    assert len(parsers()) == 1


def test_documents_of_several_workers_do_not_end_each_other(
    parser: OnDemandChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = [client.ForkServer() for _ in range(4)]
    current = threading.local()
    monkeypatch.setattr(client, "server_of", lambda _: current.worker)

    def parse_all(worker: client.ForkServer) -> list[str]:
        current.worker = worker
        return [parse(str(number)) for number in range(25)]

    with ThreadPoolExecutor(len(workers)) as pool:
        texts = list(pool.map(parse_all, workers))
    for current.worker in workers:
        current.worker.stop()
    assert texts == [[str(number) for number in range(25)]] * len(workers)


def test_a_document_is_parsed_after_the_fork_server_was_killed(
    parser: OnDemandChild,
) -> None:
    parse("one")
    (server,) = parsers()
    server.kill()
    client.server_of(os.getpid()).stop()  # forget the process of the first text
    assert parse("two") == "two"


def test_the_parser_gets_no_secrets(
    parser: OnDemandChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_BINDING_API_KEY", "secret")
    parse("one")
    assert parsers()[0].environ() == dict(ENVIRONMENT)
