"""The banner tells what runs, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightrag_site.configuration import environment
from lightrag_site.running import banner


def shown(
    capsys: pytest.CaptureFixture[str], *parts: str, login: str = "", **environ: str
) -> str:
    config = environment.read(environ, Path("/w"))
    banner.show(config, banner.Told(parts, login, ("--verbose has no effect",)))
    return capsys.readouterr().out


def test_it_says_plainly_that_no_llm_is_configured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = shown(capsys, "web", login="user admin, password x")
    assert "no LLM configured: extractive answers" in said
    assert "http://localhost:9621/admin/  user admin, password x" in said
    assert "--verbose has no effect" in said


def test_it_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(
        capsys,
        "web",
        LIGHTRAG_API_KEY="hush-1",
        LLM_BINDING="openai",
        LLM_MODEL="gpt",
        LLM_BINDING_API_KEY="hush-2",
        DATABASE_URL="postgresql://u:hush-3@db/rag",
        REDIS_URL="redis://:hush-4@broker:6379/0",
    )
    assert "hush" not in said
    assert "openai: gpt at https://api.openai.com/v1, key set" in said
    assert "PostgreSQL db" in said
    assert "Redis      broker" in said


def test_a_machine_without_web_names_no_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = shown(capsys, "worker")
    assert "runs here: worker" in said
    assert "http" not in said
