"""`make demo`: upload two example documents to a temporary server and ask questions."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel

ROOT = Path(__file__).resolve().parent.parent
FILES = ("atlantic-cable.md", "wushantou-reservoir.md")
QUESTIONS = (
    "Why did the cable of 1858 fail?",
    "Who designed Great Eastern, and what did she do in 1866?",
    "八田與一為什麼要設計三年輪作？",
)
console = Console()


@contextmanager
def server() -> Iterator[httpx.Client]:
    """Start a server in a temporary folder, with the models of `.env`, if any."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="lightrag-demo-") as folder:
        command = [sys.executable, "-m", "lightrag_site.server", f"--port={port}"]
        folders = [f"--working-dir={folder}/store", f"--input-dir={folder}/inputs"]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--host=127.0.0.1", "--log-level=ERROR", "--key=", *folders],
            cwd=ROOT,
        )
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=300
            ) as client:
                wait_for(client, process)
                yield client
        finally:
            process.terminate()
            process.wait()


def wait_for(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; exit if it has exited."""
    while process.poll() is None:
        try:
            client.get("/health").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    sys.exit(process.returncode)


def upload(client: httpx.Client, name: str) -> str:
    """Upload a file and return its track id."""
    content = (ROOT / "examples" / name).read_bytes()
    response = client.post("/documents/upload", files={"file": (name, content)})
    track_id: str = response.raise_for_status().json()["track_id"]
    return track_id


def follow(client: httpx.Client, track_id: str) -> dict[str, Any]:
    """Wait until the document is processed or failed, and return it."""
    while True:
        response = client.get(f"/documents/track_status/{track_id}").raise_for_status()
        for document in response.json()["documents"]:
            if document["status"] in {"processed", "failed"}:
                final: dict[str, Any] = document
                return final
        time.sleep(0.3)


def ask(client: httpx.Client, question: str) -> None:
    """Print the answer and its sources."""
    started = time.monotonic()
    response = client.post("/query", json={"query": question, "mode": "mix"})
    answer = response.raise_for_status().json()
    sources = ", ".join(ref["file_path"] for ref in answer["references"])
    duration = f"{time.monotonic() - started:.2f} s"
    console.print(
        Panel(answer["response"], title=question, subtitle=f"{sources}, {duration}")
    )


def main() -> None:
    """Upload the examples, then ask the questions."""
    with server() as client:
        started = time.monotonic()
        tracks = [upload(client, name) for name in FILES]
        for document in (follow(client, track) for track in tracks):
            reason = document.get("error_msg") or f"{document['chunks_count']} chunks"
            console.print(f"{document['file_path']}: {document['status']}, {reason}")
        console.print(f"Processed in {time.monotonic() - started:.1f} s")
        for question in QUESTIONS:
            ask(client, question)


if __name__ == "__main__":
    main()
