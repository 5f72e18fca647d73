from __future__ import annotations

import pytest

from documents.errors import ParserFailed
from documents.parsing import child_process
from tests.documents.conftest import Put

REQUEST = {"path": "/x"}


def test_a_program_reads_and_writes_json(put: Put) -> None:
    program = put("echo.py", b"import sys; sys.stdout.write(sys.stdin.read())")
    assert child_process.run(program, REQUEST, "a.pdf") == REQUEST


def test_a_program_does_not_inherit_the_environment(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_BINDING_API_KEY", "secret")
    program = put("env.py", b"import json, os; print(json.dumps(dict(os.environ)))")
    assert "LLM_BINDING_API_KEY" not in child_process.run(program, REQUEST, "a.pdf")


def test_a_crash_of_the_program_raises_an_error_for_the_file(put: Put) -> None:
    program = put("crash.py", b"import os; os.kill(os.getpid(), 11)")
    with pytest.raises(ParserFailed, match=r"crashed on 'a\.pdf' \(exit -11\)"):
        child_process.run(program, REQUEST, "a.pdf")


def test_a_program_is_stopped_after_the_timeout(put: Put) -> None:
    program = put("hang.py", b"import time; time.sleep(60)")
    with pytest.raises(ParserFailed, match="took longer than 1 second"):
        child_process.run(program, REQUEST, "a.pdf", timeout=1)
