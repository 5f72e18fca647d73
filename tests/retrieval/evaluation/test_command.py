from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.retrieval.conftest import Library


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    lines = (
        {"question": "What did Marie Curie discover?", "gold": ["curie.txt"]},
        {
            "question": "Who developed relativity?",
            "gold": ["doc-einstein.pdf-chunk-000"],
        },
    )
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_every_mode_is_measured(curies: Library, asked: Path, tmp_path: Path) -> None:
    out, plot = StringIO(), tmp_path / "plot.svg"
    call_command("evaluate", str(asked), workspace="tests", plot=plot, stdout=out)
    said = out.getvalue()
    for mode in ("lexical", "naive", "local", "global", "hybrid", "mix"):
        assert mode in said
        assert mode in plot.read_text()
    assert "100.0" in said


def test_modes_are_chosen_and_known(curies: Library, asked: Path) -> None:
    out = StringIO()
    call_command(
        "evaluate", str(asked), workspace="tests", modes="mix-nokw", stdout=out
    )
    assert "mix-nokw" in out.getvalue()
    with pytest.raises(CommandError, match="no mode 'magic'"):
        call_command("evaluate", str(asked), workspace="tests", modes="magic")


def test_what_is_missing_is_said(curies: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(CommandError, match="no questions"):
        call_command("evaluate", str(tmp_path / "empty"), workspace="tests")
    with pytest.raises(CommandError, match="No such file"):
        call_command("evaluate", str(tmp_path / "nowhere"), workspace="tests")
    with pytest.raises(CommandError, match="no workspace"):
        call_command("evaluate", str(tmp_path / "empty"), workspace="unheard_of")
