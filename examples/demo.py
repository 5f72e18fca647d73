"""`make demo`: a server of its own reads the two examples and is asked about them."""

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
    """In a folder that is gone afterwards; its models are those of `.env`, or none."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="lightrag-demo-") as folder:
        command = [sys.executable, "-m", "lightrag_site.server", f"--port={port}"]
        places = [f"--working-dir={folder}/store", f"--input-dir={folder}/inputs"]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--host=127.0.0.1", "--log-level=ERROR", "--key=", *places],
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
    """Until it answers; leaves when it ended, having said why."""
    while process.poll() is None:
        try:
            client.get("/health").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    sys.exit(process.returncode)


def upload(client: httpx.Client, name: str) -> str:
    """The track id by which its way is followed."""
    content = (ROOT / "examples" / name).read_bytes()
    answer = client.post("/documents/upload", files={"file": (name, content)})
    track_id: str = answer.raise_for_status().json()["track_id"]
    return track_id


def follow(client: httpx.Client, track_id: str) -> dict[str, Any]:
    """The document, once it is processed or has failed."""
    while True:
        found = client.get(f"/documents/track_status/{track_id}").raise_for_status()
        for document in found.json()["documents"]:
            if document["status"] in {"processed", "failed"}:
                final: dict[str, Any] = document
                return final
        time.sleep(0.3)


def ask(client: httpx.Client, question: str) -> None:
    """Print the answer and what it was built from."""
    began = time.monotonic()
    answer = client.post("/query", json={"query": question, "mode": "mix"})
    said = answer.raise_for_status().json()
    sources = ", ".join(ref["file_path"] for ref in said["references"])
    took = f"{time.monotonic() - began:.2f} s"
    console.print(
        Panel(said["response"], title=question, subtitle=f"{sources}, {took}")
    )


def main() -> None:
    """Read, then ask."""
    with server() as client:
        began = time.monotonic()
        tracks = [upload(client, name) for name in FILES]
        for document in (follow(client, track) for track in tracks):
            reason = document.get("error_msg") or f"{document['chunks_count']} chunks"
            console.print(f"{document['file_path']}: {document['status']}, {reason}")
        console.print(f"Both read in {time.monotonic() - began:.1f} s")
        for question in QUESTIONS:
            ask(client, question)


if __name__ == "__main__":
    main()
