"""Flags of the command line and their precedence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightrag_site.configuration import environment, flags


def test_a_flag_precedes_the_environment_and_all_aliases(tmp_path: Path) -> None:
    environ = {"PORT": "1", "TIMEOUT": "10", "LLM_TIMEOUT": "20"}
    flags.apply(["--port", "2", "--timeout", "30"], environ)
    config = environment.read(environ, tmp_path)
    assert (config.server.port, config.query_llm.timeout) == (2, 30)


def test_provider_options_are_flags(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    flags.apply(["--ollama-llm-num-ctx", "8192", "--llm-binding", "ollama"], environ)
    assert environment.read(environ, tmp_path).query_llm.options == {"num_ctx": 8192}


def test_every_flag_of_lightrag_is_accepted() -> None:
    command_line = (
        "--host h --port 1 --working-dir w --input-dir i --timeout 9 --max-async 3"
        " --summary-max-tokens 100 --summary-context-size 1000"
        " --summary-length-recommended 50 --log-level debug --verbose --key k --ssl"
        " --ssl-certfile c --ssl-keyfile k --simulated-model-name n"
        " --simulated-model-tag t --workspace w --api-prefix /p --default-ui webui"
        " --workers 3 --llm-binding ollama --embedding-binding ollama"
        " --rerank-binding null"
    )
    arguments = flags.apply(command_line.split(), {})
    assert arguments.parts == flags.PARTS
    assert arguments.ignored_flags == ("--verbose", "--default-ui")


def test_parts_have_a_fixed_order() -> None:
    assert flags.apply(["--only", "web,databases"], {}).parts == ("databases", "web")


@pytest.mark.parametrize(
    "argv", [["--port", "x"], ["--nonsense"], ["--only", "kitchen"]]
)
def test_an_invalid_flag_is_reported_in_one_line_with_exit_code_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        flags.apply(argv, {})
    assert caught.value.code == 2
    output = capsys.readouterr().err
    assert output.startswith("lightrag-server: ")
    assert output.count("\n") == 1
