from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from retrieval.evaluation import judge
from retrieval.llm.base import ChatRequest
from retrieval.llm.testing.fake import FakeChat
from retrieval.models import Feedback
from tests.models import FakeModels
from tests.retrieval.conftest import Library


@pytest.fixture
def questions_file(tmp_path: Path) -> Path:
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


def test_every_mode_is_measured(
    curies: Library, questions_file: Path, tmp_path: Path
) -> None:
    out, plot = StringIO(), tmp_path / "plot.svg"
    call_command(
        "evaluate", str(questions_file), workspace="tests", plot=plot, stdout=out
    )
    output = out.getvalue()
    for mode in ("lexical", "naive", "local", "global", "hybrid", "mix"):
        assert mode in output
        assert mode in plot.read_text()
    assert "100.0" in output


def test_unknown_modes_are_rejected(curies: Library, questions_file: Path) -> None:
    out = StringIO()
    call_command(
        "evaluate", str(questions_file), workspace="tests", modes="mix-nokw", stdout=out
    )
    assert "mix-nokw" in out.getvalue()
    with pytest.raises(CommandError, match="Unknown mode: magic"):
        call_command("evaluate", str(questions_file), workspace="tests", modes="magic")


def test_missing_files_questions_and_workspaces_are_reported(
    curies: Library, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_text("")
    with pytest.raises(CommandError, match="contains no questions"):
        call_command("evaluate", str(tmp_path / "empty"), workspace="tests")
    with pytest.raises(CommandError, match="No such file"):
        call_command("evaluate", str(tmp_path / "nowhere"), workspace="tests")
    with pytest.raises(CommandError, match="Workspace not found: unheard_of"):
        call_command("evaluate", str(tmp_path / "empty"), workspace="unheard_of")


def test_answers_are_scored_if_the_question_has_an_expected_answer(
    curies: Library, chat: FakeChat, tmp_path: Path
) -> None:
    path, lines = tmp_path / "questions.jsonl", tmp_path / "lines.jsonl"
    question = {
        "question": "What did Marie Curie discover?",
        "gold": ["curie.txt"],
        "answer": "radium",
    }
    path.write_text(json.dumps(question))
    out = StringIO()
    call = {"workspace": "tests", "modes": "mix-nokw", "lines": lines, "stdout": out}
    call_command("evaluate", str(path), **call)
    (fields,) = map(json.loads, lines.read_text().splitlines())
    assert (fields["mode"], fields["expected"], fields["model_calls"]) == (
        "mix-nokw",
        "radium",
        1,
    )
    assert fields["answer"] and fields["recall@5"] == 1.0
    assert "answer f1" in out.getvalue()
    call_command("evaluate", str(path), no_answers=True, **call)
    (fields,) = map(json.loads, lines.read_text().splitlines())
    assert (fields["answer"], fields["model_calls"]) == ("", 0)


def use_chat(settings: Settings, chat: FakeChat) -> None:
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)


def judgement(request: ChatRequest) -> str:
    """Answer the question, or judge the answer: one of two statements is supported."""
    if request.json_schema is None:
        return "Radium [1]. She lived on Mars."
    assert "She lived on Mars." in request.messages[-1].content
    statements = [
        {"text": "She discovered radium.", "supported": True},
        {"text": "She lived on Mars.", "supported": False},
    ]
    fields = {"statements": statements, "relevance": 3, "useful": [1]}
    return f"Here it is:\n```json\n{json.dumps(fields)}\n```"


def test_answers_are_judged_and_the_measures_of_runs_saved(
    curies: Library,
    questions_file: Path,
    tmp_path: Path,
    settings: Settings,
) -> None:
    use_chat(settings, FakeChat(judgement))
    saved, lines, out = tmp_path / "r.csv", tmp_path / "lines.jsonl", StringIO()
    call = {"workspace": "tests", "modes": "mix-nokw", "judge": True, "save": saved}
    for label in ("old", "new"):
        call_command(
            "evaluate",
            str(questions_file),
            **call,
            label=label,
            lines=lines,
            stdout=out,
        )
    with saved.open() as file:
        rows = list(csv.DictReader(file))
    means = {(row["label"], row["measure"]): float(row["mean"]) for row in rows}
    for label in ("old", "new"):
        assert means[label, "faithfulness"] == 0.5
        assert means[label, "relevance"] == 0.75
        assert means[label, "context precision"] == 1.0
    assert "faithfulness" in out.getvalue()
    first = json.loads(lines.read_text().splitlines()[0])
    assert first["judgement"]["unsupported"] == ["She lived on Mars."]


def test_an_unreadable_judgement_is_left_out(
    curies: Library, questions_file: Path, settings: Settings
) -> None:
    use_chat(settings, FakeChat(lambda request: "Radium [1]."))
    out = StringIO()
    call_command(
        "evaluate",
        str(questions_file),
        workspace="tests",
        modes="mix-nokw",
        judge=True,
        stdout=out,
    )
    assert "faithfulness" not in out.getvalue()


def test_a_failing_model_and_a_missing_judge_are_named(
    curies: Library, questions_file: Path, settings: Settings
) -> None:
    call = {"workspace": "tests", "modes": "mix-nokw", "judge": True}
    with pytest.raises(CommandError, match="--judge scores generated answers"):
        call_command("evaluate", str(questions_file), no_answers=True, **call)
    use_chat(settings, FakeChat(failures=99))
    with pytest.raises(CommandError, match="The language model failed"):
        call_command("evaluate", str(questions_file), **call)


@pytest.mark.parametrize(
    ("useful", "expected"),
    [([True, True], 1.0), ([False, True], 0.5), ([True, False, True], 5 / 6), ([], 0)],
)
def test_context_precision_is_the_mean_precision_at_useful_ranks(
    useful: list[bool], expected: float
) -> None:
    assert judge.precision(useful) == pytest.approx(expected)


def test_answers_rated_good_are_questions(curies: Library) -> None:
    for number, (verdict, cited) in enumerate(
        [
            ("good", ["doc-curie.txt-chunk-000"]),
            ("bad", ["doc-curie.txt-chunk-001"]),
            ("good", []),
        ]
    ):
        Feedback.objects.create(
            workspace=curies.workspace,
            answer_key=UUID(int=number),
            verdict=verdict,
            question=f"What did Marie Curie discover ({number})?",
            mode="mix",
            answer="Radium [1]",
            cited_chunks=cited,
        )
    out = StringIO()
    call = {"workspace": "tests", "modes": "mix-nokw", "feedback": True, "stdout": out}
    call_command("evaluate", **call)
    assert "first 5 chunks: 1 questions" in out.getvalue()
    Feedback.objects.all().delete()
    with pytest.raises(CommandError, match="rated good"):
        call_command("evaluate", **call)


def test_questions_of_other_workspaces_are_skipped(
    curies: Library, tmp_path: Path
) -> None:
    path = tmp_path / "questions.jsonl"
    line = {"question": "Who?", "gold": ["curie.txt"], "workspace": "other"}
    path.write_text(json.dumps(line))
    with pytest.raises(CommandError, match="no questions of 'tests'"):
        call_command("evaluate", str(path), workspace="tests")
