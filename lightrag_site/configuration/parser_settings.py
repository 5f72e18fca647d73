"""Settings of the external parsers Docling and MinerU.

They are defined in `documents.parse_process.services.config`.
"""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

DOCLING = (
    Setting(
        "DOCLING_ENDPOINT",
        "endpoint",
        value_types.TEXT,
        "URL of docling-serve, such as http://localhost:5001.",
    ),
    Setting(
        "DOCLING_DO_OCR",
        "ocr",
        value_types.SWITCH,
        "Recognize the text of images.",
    ),
    Setting(
        "DOCLING_FORCE_OCR",
        "force_ocr",
        value_types.SWITCH,
        "Replace the text of a file by that of OCR.",
    ),
    Setting(
        "DOCLING_OCR_ENGINE",
        "ocr_engine",
        value_types.TEXT,
        "OCR engine of Docling; with auto, its own default.",
    ),
    Setting(
        "DOCLING_OCR_PRESET",
        "ocr_preset",
        value_types.TEXT,
        "OCR preset of Docling; with auto, its own default.",
    ),
    Setting(
        "DOCLING_OCR_LANG",
        "ocr_languages",
        value_types.WORDS,
        "Languages of OCR, in the names of the engine; if empty, its own default.",
    ),
    Setting(
        "DOCLING_DO_FORMULA_ENRICHMENT",
        "formulas",
        value_types.SWITCH,
        "Convert formulas to LaTeX.",
    ),
    Setting(
        "DOCLING_POLL_INTERVAL_SECONDS",
        "poll_seconds",
        value_types.whole(1),
        "Seconds between two polls of a conversion.",
    ),
    Setting(
        "DOCLING_MAX_POLLS",
        "max_polls",
        value_types.whole(1),
        "Polls after which a conversion fails.",
    ),
    Setting(
        "MAX_PARALLEL_PARSE_DOCLING",
        "max_parallel",
        value_types.whole(1, 100),
        "Conversions at once, per worker.",
    ),
)

MINERU = (
    Setting(
        "MINERU_LOCAL_ENDPOINT",
        "endpoint",
        value_types.TEXT,
        "URL of mineru-api, such as http://localhost:8000.",
    ),
    Setting(
        "MINERU_LOCAL_BACKEND",
        "backend",
        value_types.TEXT,
        "Backend of MinerU.",
    ),
    Setting(
        "MINERU_LOCAL_PARSE_METHOD",
        "parse_method",
        value_types.choice("auto", "txt", "ocr"),
        "Whether the text of a file is used, or OCR.",
    ),
    Setting(
        "MINERU_LANGUAGE",
        "language",
        value_types.TEXT,
        "Language of OCR, in MinerU's names.",
    ),
    Setting("MINERU_ENABLE_TABLE", "tables", value_types.SWITCH, "Recognize tables."),
    Setting(
        "MINERU_ENABLE_FORMULA",
        "formulas",
        value_types.SWITCH,
        "Convert formulas to LaTeX.",
    ),
    Setting(
        "MINERU_LOCAL_START_PAGE_ID",
        "first_page",
        value_types.whole(),
        "First page that is parsed, from 0.",
    ),
    Setting(
        "MINERU_LOCAL_END_PAGE_ID",
        "last_page",
        value_types.whole(),
        "Last page that is parsed, from 0.",
    ),
    Setting(
        "MINERU_POLL_INTERVAL_SECONDS",
        "poll_seconds",
        value_types.whole(1),
        "Seconds between two polls of a conversion.",
    ),
    Setting(
        "MINERU_MAX_POLLS",
        "max_polls",
        value_types.whole(1),
        "Polls after which a conversion fails.",
    ),
    Setting(
        "MAX_PARALLEL_PARSE_MINERU",
        "max_parallel",
        value_types.whole(1, 100),
        "Conversions at once, per worker.",
    ),
)
