"""Streams of NDJSON: what has begun ends with a line that says how it ended."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from typing import Any

from compat_api.lightrag import streaming


async def test_an_error_of_our_own_in_mid_stream_is_its_last_line() -> None:
    async def failing() -> AsyncGenerator[dict[str, Any], None]:
        yield {"progress": "extracting_keywords"}
        raise ZeroDivisionError("what only the log is to tell")

    lines = [line async for line in streaming.lines(failing())]
    assert len(lines) == 2
    told = json.loads(lines[1])["error"]
    assert re.fullmatch(r"Internal .* \(error_id: \w{12}\)", told)
