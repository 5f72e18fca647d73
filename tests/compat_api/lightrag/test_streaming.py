"""NDJSON streams: an error after the start is the last line."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from typing import Any

from compat_api.lightrag import streaming


async def test_unexpected_error_in_a_stream_is_its_last_line() -> None:
    async def failing() -> AsyncGenerator[dict[str, Any], None]:
        yield {"progress": "extracting_keywords"}
        raise ZeroDivisionError("only for the log")

    lines = [line async for line in streaming.lines(failing())]
    assert len(lines) == 2
    error = json.loads(lines[1])["error"]
    assert re.fullmatch(r"Internal .* \(error_id: \w{12}\)", error)
