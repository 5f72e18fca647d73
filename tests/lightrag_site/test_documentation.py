"""The documentation: references from the code, links and the navigation."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = re.compile(r"lightrag\.md\s+#?\s*([A-Fa-f](?:\.\d+)?)\b")
RANGE = re.compile(r"lightrag\.md\s+[A-F]\.\d+\s+to\s+([A-Fa-f]\.\d+)")
HEADING = re.compile(r"^#{2,3} ([A-F](?:\.\d+)?) ", re.MULTILINE)
SOURCES = ("*.py", "*.sql", "*.js", "*.html", "*.md", "*.toml", "*.yaml", "*.yml")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_references_to_sections_of_lightrag_md_resolve() -> None:
    sections = set(HEADING.findall((DOCS / "lightrag.md").read_text("utf-8")))
    references = {
        (str(path.relative_to(ROOT)), section)
        for path in _tracked(*SOURCES)
        if path.is_file()
        for pattern in (REFERENCE, RANGE)
        for section in pattern.findall(path.read_text("utf-8"))
    }
    assert len(references) > 40
    assert {pair for pair in references if pair[1] not in sections} == set()


def test_no_file_refers_to_a_specification_outside_the_repository() -> None:
    name = "UPSTREAM" + ".md"
    assert [
        path for path in _tracked(*SOURCES) if name in path.read_text("utf-8")
    ] == []


def test_relative_links_in_markdown_files_resolve() -> None:
    link = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
    broken = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in _tracked("*.md")
        for target in link.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def _pages(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
        return
    for child in entry.values() if isinstance(entry, dict) else entry:
        yield from _pages(child)


def test_every_page_is_in_the_navigation_or_the_index_of_records() -> None:
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    index = (DOCS / "adr" / "README.md").read_text("utf-8")
    records = {f"adr/{name}" for name in re.findall(r"\]\((\d{4}-.*?\.md)\)", index)}
    existing = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert existing == records | set(_pages(navigation))


def test_paths_in_markdown_files_exist() -> None:
    path_pattern = re.compile(
        r"`((?:compat_api|docker|documents|docs|graph|lightrag_site|requirements"
        r"|retrieval|templates|tests)/[\w./-]*)`"
    )
    missing = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in _tracked("*.md")
        for name in path_pattern.findall(page.read_text("utf-8"))
        if not (ROOT / name.rstrip("/")).exists()
    ]
    assert missing == []
