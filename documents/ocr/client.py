"""Client of the OCR process: starts it and receives the recognized pages."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from documents.errors import ParserFailed
from documents.ocr.messages import Scan, ScannedPage
from documents.ocr.recognize import JOB, PAGE, Job, model_file

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from documents.ocr import recognize; recognize.main()"
)
START_SECONDS = 60
"""Time in which the models are loaded, besides that of the first page."""
LOCK_SECONDS = 0.2
"""Seconds between two attempts of a waiting document to lock the OCR of this host."""
MAX_STARTS = 4
"""Upper bound on the processes for one document: a crash costs one page."""
LOCK_FILE = Path(tempfile.gettempdir()) / f"lightrag-ocr-{os.getuid()}.lock"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """The settings OCR_*; see the settings reference."""

    enabled: bool = True
    language: str = ""
    model_dir: str = ""
    max_pages: int = 1000
    page_timeout: int = 120
    memory_bytes: int = 3 * 1024**3

    @property
    def unavailable(self) -> str:
        """Return why no scan can be read; empty if it can."""
        if not self.enabled:
            return "OCR is disabled by the setting OCR"
        if importlib.util.find_spec("rapidocr") is None:
            return "OCR is not installed (pip install 'lightrag-django[ocr]')"
        if self.language:
            file = model_file(self.language, Path(self.model_dir))
            if not self.model_dir or not file.is_file():
                return (
                    f"OCR_LANGUAGE={self.language} needs {file.name} in OCR_MODEL_DIR"
                )
        return ""


class OcrCall:
    """The OCR of one document. Each host recognizes one document at a time."""

    def __init__(
        self, options: OcrOptions, report: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        self._options = options
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()

    def run(self, scans: Sequence[Scan]) -> list[ScannedPage]:
        """Return the pages of the scans; block until then. Raises ParserFailed if stopped.

        `report` is called with the number of the page that is read and of all pages.
        """
        reason = self._options.unavailable
        if reason:
            return [ScannedPage(error=reason)] * len(scans)
        allowed = scans[: self._options.max_pages]
        pages = list[ScannedPage]()
        with self._lock():
            for _ in range(MAX_STARTS):
                pages += self._read(allowed[len(pages) :], len(pages), len(allowed))
                if len(pages) == len(allowed):
                    break
                pages.append(
                    ScannedPage(error="the OCR process ended or took too long")
                )
        limit = f"OCR_MAX_PAGES is {self._options.max_pages}"
        return pages + [ScannedPage(error=limit)] * (len(scans) - len(pages))

    def stop(self) -> None:
        """Kill the process; `run`, in another thread, raises ParserFailed."""
        self._stopped.set()
        process = self._process
        if process is not None:
            process.kill()

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with LOCK_FILE.open("w") as file:
            while True:
                if self._stopped.is_set():
                    raise ParserFailed("The OCR was stopped.")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(LOCK_SECONDS)
            yield

    def _read(
        self, scans: Sequence[Scan], first: int, total: int
    ) -> Iterator[ScannedPage]:
        """Yield pages until all are read, the process ends, or a page takes too long."""
        if not scans:
            return
        process = self._start(scans)
        timeout = START_SECONDS + self._options.page_timeout
        try:
            for number in range(first + 1, first + len(scans) + 1):
                self._report(number, total)
                timer = threading.Timer(timeout, process.kill)
                timer.start()
                try:
                    line = process.stdout.readline() if process.stdout else b""
                finally:
                    timer.cancel()
                if not line.endswith(b"\n"):
                    break
                yield PAGE.validate_json(line)
                timeout = self._options.page_timeout
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
            self._process = None
        if self._stopped.is_set():
            raise ParserFailed("The OCR was stopped.")

    def _start(self, scans: Sequence[Scan]) -> subprocess.Popen[bytes]:
        options = self._options
        job = Job(
            tuple(scans),
            options.language,
            options.model_dir,
            min(4, os.cpu_count() or 1),
            options.memory_bytes,
        )
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", "-c", PROGRAM, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        self._process = process
        if self._stopped.is_set():
            process.kill()
        with contextlib.suppress(BrokenPipeError):
            if process.stdin:
                process.stdin.write(JOB.dump_json(job))
                process.stdin.close()
        return process
