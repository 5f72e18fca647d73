"""LightRAG's own web UI, unchanged, on our server.

The UI comes out of the `lightrag-hku` wheel, which `make test` unpacks beside the other
tools (`.venv/upstream`); nothing of it is kept here.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".venv/upstream/lightrag/api/webui"
