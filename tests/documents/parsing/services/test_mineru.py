from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from documents.errors import ParserFailed
from documents.parsing.parsed_document import Box, Kind
from tests.documents.parsing.services import results

parse = partial(results.parse, "mineru")


def test_a_result_becomes_blocks_in_reading_order(tmp_path: Path) -> None:
    parsed = parse(tmp_path, results.mineru())
    assert parsed.text == (
        "# Harvest\n\nTurnips & leeks grew.\n\nTable 1: Yield\n\n"
        "| Field | Tonnes |\n| --- | --- |\n| North | 12.5 |\n\nDry weight.\n\n"
        "$$\ny = ax + b\n$$\n\nFigure 1: Rain\n\none\ntwo"
    )
    assert [page.number for page in parsed.pages] == [1, 2]


def test_boxes_are_scaled_to_the_page(tmp_path: Path) -> None:
    parsed = parse(tmp_path, results.mineru())
    table = next(block for block in parsed.blocks if block.kind is Kind.TABLE)
    assert (table.page, table.box) == (1, Box(60, 200, 300, 300))
    (image,) = parsed.images
    assert (image.page, image.box) == (2, Box(0, 400, 300, 800))
    assert image.caption == "Figure 1: Rain"


@pytest.mark.parametrize(
    "result", [[], {"results": {}}, {"results": {"a": {"content_list": "{"}}}]
)
def test_an_invalid_result_is_an_error(tmp_path: Path, result: object) -> None:
    with pytest.raises(ParserFailed, match=r"MinerU's result for 'report\.pdf'"):
        parse(tmp_path, result)
