from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from documents.errors import EmptyDocument, ParserFailed
from documents.parsing.parsed_document import Box, Kind
from tests.documents.parsing.services import results

parse = partial(results.parse, "docling")


def test_a_result_becomes_blocks_in_reading_order(tmp_path: Path) -> None:
    parsed = parse(tmp_path, results.docling())
    assert parsed.text == (
        "# Harvest\n\n## Fields\n\n1. Turnips & leeks\n\nTable 1: Yield\n\n"
        "| Field | Tonnes |\n| --- | --- |\n| North | 12.5 |\n\n"
        "$$\ny = ax + b\n$$\n\nFigure 1: Rain\n\nRain gauge\n\nThe mean is $\\mu$"
    )
    assert parsed.engine == "docling"


def test_boxes_are_measured_from_the_top_of_the_page(tmp_path: Path) -> None:
    parsed = parse(tmp_path, results.docling())
    title = next(block for block in parsed.blocks if block.kind is Kind.HEADING)
    assert (title.page, title.box) == (1, Box(50, 20, 200, 40))
    (image,) = parsed.images
    assert (image.page, image.box) == (1, Box(50, 400, 170, 480))
    assert (image.caption, image.media_type) == ("Figure 1: Rain", "image/png")
    assert image.content.startswith(b"\x89PNG")


def test_errors_of_a_partial_conversion_are_warnings(tmp_path: Path) -> None:
    result = results.docling() | {
        "status": "partial_success",
        "errors": [{"component_type": "model", "error_message": "Page 2 failed."}],
    }
    assert parse(tmp_path, result).warnings == ("Docling: Page 2 failed.",)


@pytest.mark.parametrize("result", [[], {"document": {}}, {"body": 3}, "text"])
def test_an_invalid_result_is_an_error(tmp_path: Path, result: object) -> None:
    with pytest.raises(ParserFailed, match=r"Docling's result for 'report\.pdf'"):
        parse(tmp_path, result)


def test_a_result_without_text_is_an_empty_document(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument):
        parse(tmp_path, {"body": {"children": []}})


def test_a_reference_to_itself_ends(tmp_path: Path) -> None:
    text = {"label": "text", "text": "a", "children": [{"$ref": "#/texts/0"}]}
    document = {"body": {"children": [{"$ref": "#/texts/0"}]}, "texts": [text]}
    assert parse(tmp_path, document).text == "a"
