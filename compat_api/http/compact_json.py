"""Answers in as few bytes as JSON allows."""

from __future__ import annotations

from ninja.renderers import JSONRenderer


class CompactRenderer(JSONRenderer):
    """No spaces, and every script as it is instead of `\\uXXXX`."""

    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}
