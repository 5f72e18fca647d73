"""The programs that a supervisor starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lightrag_site.configuration.config_classes import LightRAGConfig
from lightrag_site.configuration.environment import MODEL_RELAY
from lightrag_site.running import supervisor


def test_a_worker_with_a_provider_uses_the_relay_of_its_supervisor(
    tmp_path: Path,
) -> None:
    config = LightRAGConfig()
    with_provider = replace(
        config, extract_llm=replace(config.extract_llm, binding="openai")
    )
    socket_ = tmp_path / "relay.sock"
    relay_program, worker = supervisor.programs(
        with_provider, ("worker",), None, socket_
    )
    assert (relay_program.name, relay_program.argv[-1]) == ("relay", str(socket_))
    assert worker.environment[MODEL_RELAY] == str(socket_)


def test_without_a_provider_there_is_no_relay(tmp_path: Path) -> None:
    programs = supervisor.programs(
        LightRAGConfig(), ("worker",), None, tmp_path / "relay.sock"
    )
    assert [program.name for program in programs] == ["worker"]
