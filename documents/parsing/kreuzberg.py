"""PDF, Office, EPUB, RTF and HTML files, by kreuzberg in a process of its own."""

from __future__ import annotations

import json
import logging
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from documents.errors import BrokenFile, EncryptedFile, ParserFailed
from documents.parsing import pages, pdf_markdown
from documents.parsing.document import ParsedDocument

logger = logging.getLogger(__name__)

READER = Path(__file__).with_name("kreuzberg_reader.py")
TIMEOUT_SECONDS = 600


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Markdown, with pages for PDF, DOCX (as Word last laid it out) and PPTX (slides).

    Raises EncryptedFile, BrokenFile or ParserFailed.
    """
    suffix = Path(name).suffix.lower()
    marker = f"page-{secrets.token_hex(8)}-"
    request = {
        "path": str(path.resolve()),
        "suffix": suffix,
        "passwords": [password] if password else [],
        "marker": marker,
    }
    answer = _ask(request, name)
    return pages.join(_pages(answer, suffix, marker), engine="kreuzberg")


def _pages(answer: dict[str, Any], suffix: str, marker: str) -> list[pages.Page]:
    if suffix == ".pdf":
        return pdf_markdown.render(answer["nodes"]) or [(None, answer["content"])]
    if suffix == ".pptx":
        return pages.split_at_marker(answer["content"], marker)
    return pages.of_word(answer["content"], answer["pages"])


def _ask(request: dict[str, Any], name: str) -> dict[str, Any]:
    try:
        reader = subprocess.run(  # noqa: S603 - our own program, no shell
            [sys.executable, "-I", str(READER)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ParserFailed(
            f"Reading '{name}' took longer than {TIMEOUT_SECONDS} seconds and was stopped."
        ) from error
    if reader.returncode != 0:
        logger.warning("reader died on %s: %s", name, reader.stderr[-2000:])
        raise ParserFailed(
            f"The parser crashed on '{name}' (exit {reader.returncode})."
        )
    return _checked(json.loads(reader.stdout), name)


def _checked(answer: dict[str, Any], name: str) -> dict[str, Any]:
    error = answer.get("error")
    if error is None:
        return answer
    if "password" in error.lower():
        raise EncryptedFile(
            f"'{name}' is encrypted and PDF_DECRYPT_PASSWORD does not open it. "
            "Set it, or upload the file without a password."
        )
    raise BrokenFile(f"'{name}' is damaged and could not be read: {error}")
