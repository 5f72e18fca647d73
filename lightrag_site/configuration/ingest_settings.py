"""How documents are read and what is made of them: `config.IngestConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

INGEST = (
    Setting(
        "CHUNK_SIZE", "chunk_size", value_types.whole(50, 8000), "Tokens of a chunk."
    ),
    Setting(
        "CHUNK_OVERLAP_SIZE",
        "chunk_overlap",
        value_types.whole(0, 4000),
        "Tokens that neighbouring chunks share.",
    ),
    Setting(
        "CHUNK_STRATEGY",
        "chunk_strategy",
        value_types.choice("paragraph_semantic", "recursive", "fixed_token"),
        "By headings, by separators, or by tokens alone.",
    ),
    Setting(
        "SUMMARY_LANGUAGE", "language", value_types.TEXT, "Language of descriptions."
    ),
    Setting(
        "ENTITY_TYPES", "entity_types", value_types.WORDS, "Types an entity may have."
    ),
    Setting(
        "MAX_GLEANING",
        "max_gleaning",
        value_types.whole(0, 3),
        "Rounds that ask for what the first one missed.",
    ),
    Setting(
        "MAX_EXTRACTION_RECORDS",
        "max_extraction_records",
        value_types.whole(1),
        "Entities and relations asked for in one answer.",
    ),
    Setting(
        "MAX_EXTRACTION_ENTITIES",
        "max_extraction_entities",
        value_types.whole(1),
        "Entities asked for in one answer.",
    ),
    Setting(
        "MAX_EXTRACT_INPUT_TOKENS",
        "max_extract_input_tokens",
        value_types.whole(500),
        "Tokens beyond which no gleaning round is asked for.",
    ),
    Setting(
        "FORCE_LLM_SUMMARY_ON_MERGE",
        "summary_fragments",
        value_types.whole(2),
        "Descriptions of one thing that make the model summarise them.",
    ),
    Setting(
        "SUMMARY_MAX_TOKENS",
        "summary_max_tokens",
        value_types.whole(50),
        "Tokens of descriptions that make the model summarise them.",
        "--summary-max-tokens",
    ),
    Setting(
        "SUMMARY_CONTEXT_SIZE",
        "summary_context_tokens",
        value_types.whole(500),
        "Tokens of one summary request.",
        "--summary-context-size",
    ),
    Setting(
        "SUMMARY_LENGTH_RECOMMENDED",
        "summary_length",
        value_types.whole(20),
        "Tokens a summary should have.",
        "--summary-length-recommended",
    ),
    Setting(
        "MAX_SOURCE_IDS_PER_ENTITY",
        "max_fragments",
        value_types.whole(1),
        "Descriptions that make the merged one, the oldest first.",
    ),
    Setting(
        "ENTITY_RESOLUTION",
        "resolve_above",
        value_types.NUMBER,
        "How sure it must be that two names are one thing, for them to be merged after "
        "documents were read: 0.95 is sure, 0 merges nothing.",
    ),
    Setting(
        "MAX_FILE_PATHS",
        "max_file_paths",
        value_types.whole(1),
        "Files named per entity.",
    ),
    Setting(
        "CHUNK_ATTEMPTS",
        "chunk_attempts",
        value_types.whole(1, 50),
        "How often a chunk is tried before its document fails: an answer that can't be "
        "read counts, a provider that is down, slow or refuses for now does not.",
    ),
    Setting(
        "CHUNK_BACKOFF",
        "chunk_backoff",
        value_types.NUMBER,
        "Seconds: the scale of the growing wait before a chunk is tried again.",
    ),
    Setting(
        "PROVIDER_PATIENCE",
        "provider_patience",
        value_types.NUMBER,
        "Seconds that documents wait for a provider that is down, slow or refuses for "
        "now; then they fail.",
    ),
    Setting(
        "ENABLE_LLM_CACHE_FOR_EXTRACT",
        "llm_cache",
        value_types.SWITCH,
        "Keep extractions, so that the same text is never paid for twice.",
    ),
    Setting(
        "LLM_DAILY_TOKEN_BUDGET",
        "daily_token_budget",
        value_types.whole(),
        "Tokens a day (UTC) after which documents wait for the next; 0 is no limit.",
    ),
    Setting(
        "PDF_DECRYPT_PASSWORD",
        "pdf_password",
        value_types.TEXT,
        "Password of encrypted PDFs.",
        secret=True,
    ),
)
