from __future__ import annotations

from pathlib import Path

import pytest

from documents.parsing import parsers

GUIDE = Path(__file__).parents[3] / "docs" / "file-types.md"


@pytest.mark.parametrize("suffix", parsers.SUPPORTED)
def test_every_suffix_has_a_parser(suffix: str) -> None:
    assert callable(parsers.parser_of(suffix))


@pytest.mark.parametrize("group", parsers.GROUPS)
def test_the_guide_lists_the_supported_types(group: str) -> None:
    suffixes = [s for names in parsers.GROUPS[group].values() for s in names]
    row = f"| {group} | {' '.join(f'`{suffix}`' for suffix in suffixes)} |"
    assert row in GUIDE.read_text()
