"""Flags become variables that win over everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightrag_site.configuration import environment, flags


def test_a_flag_wins_over_the_environment_and_over_every_alias(tmp_path: Path) -> None:
    environ = {"PORT": "1", "TIMEOUT": "10", "LLM_TIMEOUT": "20"}
    flags.apply(["--port", "2", "--timeout", "30"], environ)
    config = environment.read(environ, tmp_path)
    assert (config.server.port, config.query_llm.timeout) == (2, 30)


def test_a_providers_option_is_a_flag(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    flags.apply(["--ollama-llm-num-ctx", "8192", "--llm-binding", "ollama"], environ)
    assert environment.read(environ, tmp_path).query_llm.options == {"num_ctx": 8192}


def test_every_upstream_flag_is_accepted() -> None:
    given = (
        "--host h --port 1 --working-dir w --input-dir i --timeout 9 --max-async 3"
        " --summary-max-tokens 100 --summary-context-size 1000"
        " --summary-length-recommended 50 --log-level debug --verbose --key k --ssl"
        " --ssl-certfile c --ssl-keyfile k --simulated-model-name n"
        " --simulated-model-tag t --workspace w --api-prefix /p --default-ui webui"
        " --workers 3 --llm-binding ollama --embedding-binding ollama"
        " --rerank-binding null"
    )
    asked = flags.apply(given.split(), {})
    assert asked.parts == flags.PARTS
    assert asked.without_effect == ("--verbose", "--default-ui")


def test_parts_are_started_in_their_own_order() -> None:
    assert flags.apply(["--only", "web,databases"], {}).parts == ("databases", "web")


@pytest.mark.parametrize(
    "given", [["--port", "x"], ["--nonsense"], ["--only", "kitchen"]]
)
def test_a_wrong_flag_is_one_line_and_exit_code_2(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        flags.apply(given, {})
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("lightrag-server: ")
    assert said.count("\n") == 1
