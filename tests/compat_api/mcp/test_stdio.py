"""`manage.py mcp`, started as a local program does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings
from mcp import Client, StdioServerParameters

from tests.compat_api.serving import Served

ROOT = Path(__file__).parents[3]


async def test_server_uses_standard_input_and_output(
    served: Served, tmp_path: Path
) -> None:
    database = settings.DATABASES["default"]
    parameters = StdioServerParameters(
        command=sys.executable,
        args=[str(ROOT / "manage.py"), "mcp", "--workspace", "other"],
        cwd=str(tmp_path),
        env={
            "PATH": os.environ["PATH"],
            "LLM_BINDING": "fake",
            "EMBEDDING_BINDING": "fake",
            "POSTGRES_HOST": str(database["HOST"]),
            "POSTGRES_USER": str(database["USER"]),
            "POSTGRES_DATABASE": str(database["NAME"]),
        },
    )
    async with Client(parameters) as client:
        result = await client.call_tool(
            "retrieve", {"question": "Who wrote the first program?", "mode": "naive"}
        )
    assert not result.is_error, result.content
    assert result.structured_content is not None
    (passage,) = result.structured_content["passages"]
    assert passage["file_path"] == "secret.txt"
