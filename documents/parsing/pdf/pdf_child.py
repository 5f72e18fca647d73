"""Program that reads one PDF in a separate process.

PDFium is written in C++ and may crash on a damaged file.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MEMORY_BYTES = 4 * 1024**3
"""Upper bound on the address space of this process."""
CPU_SECONDS = 300
"""Upper bound on the CPU time of this process."""


def main() -> None:
    """Print the document as JSON, or `{"error", "encrypted"}`."""
    sys.path.insert(0, str(ROOT))
    from documents.errors import EncryptedFile, Unreadable
    from documents.parsing.pdf import pdf_parser

    for kind, amount in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (amount, amount))
    request = json.load(sys.stdin)
    path = Path(request["path"])
    try:
        parsed = pdf_parser.read(path, request["name"], password=request["password"])
    except Unreadable as error:
        encrypted = isinstance(error, EncryptedFile)
        json.dump({"error": f"{error}", "encrypted": encrypted}, sys.stdout)
    else:
        sys.stdout.buffer.write(pdf_parser.DOCUMENT.dump_json(parsed))


if __name__ == "__main__":
    main()
