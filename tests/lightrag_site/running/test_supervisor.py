"""Which processes a supervisor starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lightrag_site.configuration.config import LightRAGConfig
from lightrag_site.running import relay, supervisor


def test_a_worker_that_pays_calls_models_by_this_supervisors_relay(
    tmp_path: Path,
) -> None:
    config = LightRAGConfig()
    paid = replace(config, extract_llm=replace(config.extract_llm, binding="openai"))
    socket_ = tmp_path / "relay.sock"
    relays, worker = supervisor.programs(paid, ("worker",), None, socket_)
    assert (relays.name, relays.argv[-1]) == ("relay", str(socket_))
    assert worker.environment[relay.SOCKET] == str(socket_)


def test_without_a_provider_there_is_no_relay(tmp_path: Path) -> None:
    programs = supervisor.programs(
        LightRAGConfig(), ("worker",), None, tmp_path / "relay.sock"
    )
    assert [one.name for one in programs] == ["worker"]
