"""The documents of the browser tests: an English and a Chinese one.

The English document is a medical text if it is available, otherwise an example.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.llm.testing import stand_in

ROOT = Path(__file__).resolve().parents[2]
MEDICAL = ROOT.parent / "shared" / "data" / "medical"
ENDS = ("source", "target")
CHUNKS = 6
"""Number of the medical document's 199 chunks that are used."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Files by name, a question about the English document, and replayed extractions.

    `entity` is an entity of the English document that has relations.
    """

    files: dict[str, bytes]
    english: str
    chinese: str
    question: str
    entity: str
    extractions: Path


def write(folder: Path) -> Samples:
    """Return the documents and write the replayed extractions to `folder`."""
    chinese = (ROOT / "examples" / "wushantou-reservoir.md").read_text("utf-8")
    extractions = json.loads(
        (Path(__file__).parent / "chinese.json").read_text("utf-8")
    )
    extractions[0]["content"] = chinese
    name, text, question, entity, more = medical() if MEDICAL.is_dir() else example()
    replayed = folder / "extractions.json"
    replayed.write_text(json.dumps(extractions + more, ensure_ascii=False), "utf-8")
    files = {name: text.encode(), "wushantou-reservoir.md": chinese.encode()}
    return Samples(files, name, "wushantou-reservoir.md", question, entity, replayed)


def medical() -> tuple[str, str, str, str, list[dict[str, Any]]]:
    chunks = json.loads((MEDICAL / "chunks.json").read_text("utf-8"))[:CHUNKS]
    text = (MEDICAL / "medical.txt").read_text("utf-8")
    end = text.find(chunks[-1]["content"][-80:])
    question = "What is the most common type of skin cancer?"
    return "medical.txt", text[:end], question, "Basal Cell Skin Cancer", chunks


def example() -> tuple[str, str, str, str, list[dict[str, Any]]]:
    """Return the English example with the extraction of the stand-in model."""
    text = (ROOT / "examples" / "atlantic-cable.md").read_text("utf-8")
    extraction = json.loads(stand_in.extraction(text))
    ends = Counter(
        relation[end] for relation in extraction["relationships"] for end in ENDS
    )
    ((entity, _),) = ends.most_common(1)
    question = "Who designed Great Eastern?"
    more = [extraction | {"order": 0, "content": text}]
    return "atlantic-cable.md", text, question, entity, more
