"""PDF, Office, EPUB, RTF and HTML files, parsed by kreuzberg in a child process."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import child_process, page_text, pdf_markdown
from documents.parsing.parsed_document import ParsedDocument

CHILD_PROGRAM = Path(__file__).with_name("kreuzberg_child.py")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return Markdown, with pages for PDF, DOCX and PPTX.

    Pages of DOCX are those of Word's last layout; pages of PPTX are slides.

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
    answer = _checked(child_process.run(CHILD_PROGRAM, request, name), name)
    return page_text.join(_pages(answer, suffix, marker), engine="kreuzberg")


def _pages(answer: dict[str, Any], suffix: str, marker: str) -> list[page_text.Page]:
    if suffix == ".pdf":
        return pdf_markdown.render(answer["nodes"]) or [(None, answer["content"])]
    if suffix == ".pptx":
        return page_text.split_at_marker(answer["content"], marker)
    return page_text.split_by_word_counts(answer["content"], answer["pages"])


def _checked(answer: dict[str, Any], name: str) -> dict[str, Any]:
    error = answer.get("error")
    if error is None:
        return answer
    if "password" in error.lower():
        raise EncryptedFile(
            f"'{name}' is encrypted and PDF_DECRYPT_PASSWORD does not decrypt it. "
            "Change the setting, or upload the file without a password."
        )
    raise BrokenFile(f"'{name}' is damaged and could not be parsed: {error}")
