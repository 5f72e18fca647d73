"""Results of Docling and MinerU for a page with a table, a formula and a figure."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from documents import parsing
from documents.parsing.parsed_document import ParsedDocument
from tests.documents.make_files import one_color


def data_url(colour: str = "blue") -> str:
    return f"data:image/png;base64,{base64.b64encode(one_color(colour)).decode()}"


def parse(service: str, folder: Path, result: object) -> ParsedDocument:
    """Parse the stored result of a service for `report.pdf`."""
    path = folder / "result"
    path.write_text(json.dumps(result))
    return parsing.service_result(path, "report.pdf", service)


def _place(
    left: float, top: float, right: float, bottom: float
) -> list[dict[str, Any]]:
    """Return a provenance in Docling's coordinates, from the bottom of the page."""
    box = {"l": left, "t": top, "r": right, "b": bottom}
    return [{"page_no": 1, "bbox": {**box, "coord_origin": "BOTTOMLEFT"}}]


def _text(number: int, label: str, text: str, **more: Any) -> dict[str, Any]:
    return {"self_ref": f"#/texts/{number}", "label": label, "text": text, **more}


def _ref(kind: str, number: int) -> dict[str, str]:
    return {"$ref": f"#/{kind}/{number}"}


def docling() -> dict[str, Any]:
    """Return what `GET /v1/result/{task_id}` of docling-serve returns."""
    cells = [["Field", "Tonnes"], ["North", "12.5"]]
    grid = [
        [{"text": text, "column_header": row == 0} for text in texts]
        for row, texts in enumerate(cells)
    ]
    document = {
        "schema_name": "DoclingDocument",
        "version": "1.7.0",
        "name": "report",
        "body": {
            "self_ref": "#/body",
            "children": [
                *(_ref("texts", 0), _ref("texts", 1), _ref("groups", 0)),
                *(_ref("tables", 0), _ref("texts", 4), _ref("pictures", 0)),
                *(_ref("texts", 6), _ref("groups", 1), _ref("texts", 99)),
            ],
        },
        "texts": [
            _text(0, "title", "Harvest", prov=_place(50, 780, 200, 760)),
            _text(1, "section_header", "Fields", level=1),
            _text(2, "list_item", "Turnips & leeks", marker="1."),
            _text(3, "caption", "Table 1: Yield"),
            _text(4, "formula", "y = ax + b", orig="y=ax+b"),
            _text(5, "caption", "Figure 1: Rain"),
            _text(6, "page_header", "Confidential", content_layer="furniture"),
            _text(7, "text", "The mean is"),
            _text(8, "formula", "\\mu"),
            _text(9, "text", "Rain gauge"),
        ],
        "groups": [
            {"label": "list", "children": [_ref("texts", 2)]},
            {"label": "inline", "children": [_ref("texts", 7), _ref("texts", 8)]},
        ],
        "tables": [
            {
                "captions": [_ref("texts", 3)],
                "children": [_ref("texts", 3)],
                "data": {"grid": grid, "num_rows": 2, "num_cols": 2},
                "prov": _place(50, 600, 300, 500),
            }
        ],
        "pictures": [
            {
                "captions": [_ref("texts", 5)],
                "children": [_ref("texts", 5), _ref("texts", 9)],
                "image": {"mimetype": "image/png", "uri": data_url()},
                "prov": _place(50, 400, 170, 320),
            }
        ],
        "pages": {"1": {"page_no": 1, "size": {"width": 600.0, "height": 800.0}}},
    }
    return {
        "document": {"filename": "report.pdf", "json_content": document},
        "status": "success",
        "errors": [],
        "processing_time": 1.5,
    }


def mineru() -> dict[str, Any]:
    """Return what `GET /tasks/{task_id}/result` of mineru-api returns."""
    contents = [
        {"type": "header", "text": "Confidential", "page_idx": 0},
        {"type": "text", "text": "Harvest", "text_level": 1, "page_idx": 0},
        {"type": "text", "text": "Turnips & leeks grew.", "page_idx": 0},
        {
            "type": "table",
            "table_caption": ["Table 1: Yield"],
            "table_footnote": ["Dry weight."],
            "table_body": "<table><tr><th>Field</th><th>Tonnes</th></tr>"
            "<tr><td>North</td><td>12.5</td></tr></table>",
            "bbox": [100, 250, 500, 375],
            "page_idx": 0,
        },
        {
            "type": "equation",
            "text": "$$\ny = ax + b\n$$",
            "text_format": "latex",
            "page_idx": 1,
        },
        {
            "type": "image",
            "img_path": "images/ab12.jpg",
            "image_caption": ["Figure 1: Rain"],
            "image_footnote": [],
            "bbox": [0, 500, 500, 1000],
            "page_idx": 1,
        },
        {"type": "list", "list_items": ["one", "two"], "page_idx": 1},
    ]
    layout = {
        "pdf_info": [
            {"page_idx": 0, "page_size": [600, 800]},
            {"page_idx": 1, "page_size": [600, 800]},
        ]
    }
    result = {
        "content_list": json.dumps(contents),
        "middle_json": json.dumps(layout),
        "images": {"ab12.jpg": data_url()},
    }
    return {"backend": "pipeline", "version": "3.0", "results": {"report": result}}
