"""The start-up summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightrag_site.configuration import environment
from lightrag_site.running import banner


def shown(
    capsys: pytest.CaptureFixture[str],
    *parts: str,
    login: str = "",
    is_protected: bool = False,
    **environ: str,
) -> str:
    config = environment.read(environ, Path("/w"))
    warnings = ("--verbose has no effect",)
    banner.show(
        config, banner.Details(parts, login, warnings, is_protected=is_protected)
    )
    return capsys.readouterr().out


def test_it_states_that_no_llm_is_configured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = shown(capsys, "web", login="user admin, password x")
    assert "no LLM configured: extractive answers" in output
    assert "http://localhost:9621/admin/  user admin, password x" in output
    assert "--verbose has no effect" in output


def test_it_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    output = shown(
        capsys,
        "web",
        LIGHTRAG_API_KEY="hush-1",
        LLM_BINDING="openai",
        LLM_MODEL="gpt",
        LLM_BINDING_API_KEY="hush-2",
        DATABASE_URL="postgresql://u:hush-3@db/rag",
        REDIS_URL="redis://:hush-4@broker:6379/0",
    )
    assert "hush" not in output
    assert "openai: gpt at https://api.openai.com/v1, key set" in output
    assert "PostgreSQL db" in output
    assert "Redis      broker" in output


def test_a_machine_without_a_web_process_shows_no_url(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = shown(capsys, "worker")
    assert "runs here: worker" in output
    assert "http" not in output


def test_it_states_that_an_open_server_is_open(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "open: everyone" in shown(capsys, "web")


@pytest.mark.parametrize(
    ("environ", "credential"),
    [
        ({"LIGHTRAG_API_KEY": "key"}, "LIGHTRAG_API_KEY"),
        ({"AUTH_ACCOUNTS": "ada:a", "TOKEN_SECRET": "x" * 32}, "AUTH_ACCOUNTS"),
        ({"REQUIRE_LOGIN": "true"}, "REQUIRE_LOGIN"),
    ],
)
def test_it_does_not_call_a_protected_server_open(
    capsys: pytest.CaptureFixture[str], environ: dict[str, str], credential: str
) -> None:
    output = shown(capsys, "web", is_protected=False, login="", **environ)
    assert f"requires authentication ({credential})" in output
    assert "open: everyone" not in output


def test_named_keys_protect_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    output = shown(capsys, "web", is_protected=True)
    assert "requires authentication (named API keys)" in output
