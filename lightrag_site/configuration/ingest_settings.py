"""Settings of ingestion: `config_classes.IngestConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

OCR_LANGUAGES = (
    *("arabic", "cyrillic", "devanagari", "el", "en", "eslav", "korean", "latin"),
    *("ta", "te", "th"),
)
"""Scripts for which RapidOCR has a model that is not in its package."""

INGEST = (
    Setting(
        "CHUNK_SIZE",
        "chunk_size",
        value_types.whole(50, 8000),
        "Maximum tokens of a chunk.",
    ),
    Setting(
        "CHUNK_OVERLAP_SIZE",
        "chunk_overlap",
        value_types.whole(0, 4000),
        "Tokens shared by neighbouring chunks.",
    ),
    Setting(
        "CHUNK_STRATEGY",
        "chunk_strategy",
        value_types.choice("paragraph_semantic", "recursive", "fixed_token"),
        "How texts are split: at headings, at separators, or by tokens only.",
    ),
    Setting(
        "SUMMARY_LANGUAGE", "language", value_types.TEXT, "Language of descriptions."
    ),
    Setting("ENTITY_TYPES", "entity_types", value_types.WORDS, "Types of entities."),
    Setting(
        "ENTITY_TYPE_PROMPT_FILE",
        "entity_type_prompt_file",
        value_types.TEXT,
        "File in PROMPT_DIR/entity_type that explains the types; replaces ENTITY_TYPES.",
    ),
    Setting(
        "MAX_GLEANING",
        "max_gleaning",
        value_types.whole(0, 3),
        "Additional requests for entities and relations that were missed.",
    ),
    Setting(
        "MAX_EXTRACTION_RECORDS",
        "max_extraction_records",
        value_types.whole(1),
        "Maximum number of entities and relations per response.",
    ),
    Setting(
        "MAX_EXTRACTION_ENTITIES",
        "max_extraction_entities",
        value_types.whole(1),
        "Maximum number of entities per response.",
    ),
    Setting(
        "MAX_EXTRACT_INPUT_TOKENS",
        "max_extract_input_tokens",
        value_types.whole(500),
        "Maximum tokens of a gleaning request; longer ones are skipped.",
    ),
    Setting(
        "FORCE_LLM_SUMMARY_ON_MERGE",
        "summary_fragments",
        value_types.whole(2),
        "Minimum number of descriptions that the model summarises.",
    ),
    Setting(
        "SUMMARY_MAX_TOKENS",
        "summary_max_tokens",
        value_types.whole(50),
        "Minimum tokens of descriptions that the model summarises.",
        "--summary-max-tokens",
    ),
    Setting(
        "SUMMARY_CONTEXT_SIZE",
        "summary_context_tokens",
        value_types.whole(500),
        "Maximum tokens of a summary request.",
        "--summary-context-size",
    ),
    Setting(
        "SUMMARY_LENGTH_RECOMMENDED",
        "summary_length",
        value_types.whole(20),
        "Recommended tokens of a summary.",
        "--summary-length-recommended",
    ),
    Setting(
        "MAX_SOURCE_IDS_PER_ENTITY",
        "max_fragments",
        value_types.whole(1),
        "Maximum number of descriptions that are merged, oldest first.",
    ),
    Setting(
        "ENTITY_RESOLUTION",
        "resolve_above",
        value_types.NUMBER,
        "Minimum confidence to merge duplicate entities automatically, after each "
        "document: 0.95 merges only certain ones, 0 merges none.",
    ),
    Setting(
        "MAX_FILE_PATHS",
        "max_file_paths",
        value_types.whole(1),
        "Maximum number of file names per entity.",
    ),
    Setting(
        "CHUNK_ATTEMPTS",
        "chunk_attempts",
        value_types.whole(1, 50),
        "Attempts to extract a chunk before its document fails. Responses that can't be "
        "parsed count; an unavailable provider does not.",
    ),
    Setting(
        "CHUNK_BACKOFF",
        "chunk_backoff",
        value_types.NUMBER,
        "Base of the growing delay between two attempts, in seconds.",
    ),
    Setting(
        "PROVIDER_RETRY_TIMEOUT",
        "provider_retry_timeout",
        value_types.NUMBER,
        "Seconds after which documents that wait for an unavailable provider fail.",
        aliases=("PROVIDER_PATIENCE",),
    ),
    Setting(
        "ENABLE_LLM_CACHE_FOR_EXTRACT",
        "llm_cache",
        value_types.SWITCH,
        "Cache extractions, so that the same text is not paid for twice.",
    ),
    Setting(
        "LLM_DAILY_TOKEN_BUDGET",
        "daily_token_budget",
        value_types.whole(),
        "Tokens per day (UTC) after which documents wait for the next day; 0: no limit.",
    ),
    Setting(
        "MAX_DOCUMENT_CHARACTERS",
        "max_characters",
        value_types.whole(1),
        "Maximum characters of a document's text. Longer documents fail.",
    ),
    Setting(
        "MAX_DOCUMENT_CHUNKS",
        "max_chunks",
        value_types.whole(1),
        "Maximum chunks of a document. Documents with more fail.",
    ),
    Setting(
        "PARSE_TIMEOUT",
        "parse_timeout",
        value_types.whole(1),
        "Maximum seconds to parse a document and divide it into chunks.",
    ),
    Setting(
        "PDF_DECRYPT_PASSWORD",
        "pdf_password",
        value_types.TEXT,
        "Password of encrypted PDFs.",
        secret=True,
    ),
    Setting(
        "OCR",
        "ocr",
        value_types.SWITCH,
        "Recognize the text of scanned pages and images.",
    ),
    Setting(
        "OCR_LANGUAGE",
        "ocr_language",
        value_types.choice("", *OCR_LANGUAGES),
        "Script of scans. The model of the package reads Chinese, Japanese and the languages"
        " with a Latin script; others need a file in OCR_MODEL_DIR.",
    ),
    Setting(
        "OCR_MODEL_DIR",
        "ocr_model_dir",
        value_types.TEXT,
        "Folder of the model of OCR_LANGUAGE, such as arabic_PP-OCRv5_rec_mobile.onnx.",
    ),
    Setting(
        "OCR_MAX_PAGES",
        "ocr_max_pages",
        value_types.whole(1),
        "Maximum pages of a document whose text is recognized.",
    ),
    Setting(
        "OCR_PAGE_TIMEOUT",
        "ocr_page_timeout",
        value_types.whole(1),
        "Maximum seconds for the OCR of a page.",
    ),
    Setting(
        "LIGHTRAG_PARSER",
        "parser_rules",
        value_types.TEXT,
        "Parser and options by suffix, SUFFIX:ENGINE-OPTIONS, separated by a semicolon;"
        " the first that applies is used: pdf:docling-R; *:legacy.",
    ),
    Setting(
        "VLM_PROCESS_ENABLE",
        "vlm",
        value_types.SWITCH,
        "Describe figures with the model of VLM_LLM_BINDING and VLM_LLM_MODEL, by default"
        " that of LLM_BINDING.",
    ),
    Setting(
        "VLM_MAX_IMAGE_BYTES",
        "vlm_max_image_bytes",
        value_types.whole(1),
        "Maximum bytes of an image that is described.",
    ),
    Setting(
        "VLM_MIN_IMAGE_PIXEL",
        "vlm_min_image_pixel",
        value_types.whole(1),
        "Minimum width and height, in pixels, of an image that is described.",
    ),
)
