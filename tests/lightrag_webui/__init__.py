"""LightRAG's own web UI, unchanged, on our server.

The UI is part of the wheel `lightrag-hku`, which `make test` unpacks to `.venv/upstream`.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".venv/upstream/lightrag/api/webui"
