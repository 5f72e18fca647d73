"""Examples of docs/clients.md, run with the address of a test server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.compat_api.serving import Served

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.usefixtures("sockets_left_open"),
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_client_examples_run(
    served: Served, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = example.replace("http://localhost:9621", served.base_url)
    exec(compile(code, "docs/clients.md", "exec"), {"__name__": "__main__"})
    assert "radium" in capsys.readouterr().out.lower()
