"""JSON on one line, whatever its reader takes for the end of a line."""

from __future__ import annotations

import json
from typing import Any

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Line ends that JSON lets stand in a string."""


def dumps(value: Any) -> str:
    """Letters as they are, every line end escaped."""
    return json.dumps(value, ensure_ascii=False).translate(_LINE_ENDS)
