"""What the browser's tests hand in: the medical document and a Chinese one.

A stranger's clone has no medical document; an example stands in for it.
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
"""So many of the medical document's 199 chunks are enough for a page."""


@dataclass(frozen=True, slots=True)
class Material:
    """Files by name, a question each of them answers, and what a model said of them.

    `entity` is one that the English document joins to others.
    """

    files: dict[str, bytes]
    english: str
    chinese: str
    question: str
    entity: str
    extractions: Path


def written(folder: Path) -> Material:
    """The material, with the replayed extractions in a file of `folder`."""
    chinese = (ROOT / "examples" / "wushantou-reservoir.md").read_text("utf-8")
    said = json.loads((Path(__file__).parent / "chinese.json").read_text("utf-8"))
    said[0]["content"] = chinese
    name, text, question, entity, more = medical() if MEDICAL.is_dir() else example()
    replayed = folder / "extractions.json"
    replayed.write_text(json.dumps(said + more, ensure_ascii=False), "utf-8")
    files = {name: text.encode(), "wushantou-reservoir.md": chinese.encode()}
    return Material(files, name, "wushantou-reservoir.md", question, entity, replayed)


def medical() -> tuple[str, str, str, str, list[dict[str, Any]]]:
    chunks = json.loads((MEDICAL / "chunks.json").read_text("utf-8"))[:CHUNKS]
    text = (MEDICAL / "medical.txt").read_text("utf-8")
    end = text.find(chunks[-1]["content"][-80:])
    question = "What is the most common type of skin cancer?"
    return "medical.txt", text[:end], question, "Basal Cell Skin Cancer", chunks


def example() -> tuple[str, str, str, str, list[dict[str, Any]]]:
    """The English example, with what the stand-in model makes of it."""
    text = (ROOT / "examples" / "atlantic-cable.md").read_text("utf-8")
    said = json.loads(stand_in.extraction(text))
    ends = Counter(one[end] for one in said["relationships"] for end in ENDS)
    ((entity, _),) = ends.most_common(1)
    question = "Who designed Great Eastern?"
    more = [said | {"order": 0, "content": text}]
    return "atlantic-cable.md", text, question, entity, more
