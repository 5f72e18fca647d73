"""How documents are read and what is made of them: `config.IngestConfig`."""

from __future__ import annotations

from lightrag_site.configuration import kinds
from lightrag_site.configuration.setting import Setting

INGEST = (
    Setting("CHUNK_SIZE", "chunk_size", kinds.whole(50, 8000), "Tokens of a chunk."),
    Setting(
        "CHUNK_OVERLAP_SIZE",
        "chunk_overlap",
        kinds.whole(0, 4000),
        "Tokens that neighbouring chunks share.",
    ),
    Setting(
        "CHUNK_STRATEGY",
        "chunk_strategy",
        kinds.choice("paragraph_semantic", "recursive", "fixed_token"),
        "By headings, by separators, or by tokens alone.",
    ),
    Setting("SUMMARY_LANGUAGE", "language", kinds.TEXT, "Language of descriptions."),
    Setting("ENTITY_TYPES", "entity_types", kinds.WORDS, "Types an entity may have."),
    Setting(
        "MAX_GLEANING",
        "max_gleaning",
        kinds.whole(0, 3),
        "Rounds that ask for what the first one missed.",
    ),
    Setting(
        "MAX_EXTRACTION_RECORDS",
        "max_extraction_records",
        kinds.whole(1),
        "Entities and relations asked for in one answer.",
    ),
    Setting(
        "MAX_EXTRACTION_ENTITIES",
        "max_extraction_entities",
        kinds.whole(1),
        "Entities asked for in one answer.",
    ),
    Setting(
        "MAX_EXTRACT_INPUT_TOKENS",
        "max_extract_input_tokens",
        kinds.whole(500),
        "Tokens beyond which no gleaning round is asked for.",
    ),
    Setting(
        "FORCE_LLM_SUMMARY_ON_MERGE",
        "summary_fragments",
        kinds.whole(2),
        "Descriptions of one thing that make the model summarise them.",
    ),
    Setting(
        "SUMMARY_MAX_TOKENS",
        "summary_max_tokens",
        kinds.whole(50),
        "Tokens of descriptions that make the model summarise them.",
        "--summary-max-tokens",
    ),
    Setting(
        "SUMMARY_CONTEXT_SIZE",
        "summary_context_tokens",
        kinds.whole(500),
        "Tokens of one summary request.",
        "--summary-context-size",
    ),
    Setting(
        "SUMMARY_LENGTH_RECOMMENDED",
        "summary_length",
        kinds.whole(20),
        "Tokens a summary should have.",
        "--summary-length-recommended",
    ),
    Setting(
        "MAX_SOURCE_IDS_PER_ENTITY",
        "max_fragments",
        kinds.whole(1),
        "Descriptions that make the merged one, the oldest first.",
    ),
    Setting(
        "ENTITY_RESOLUTION",
        "resolve_above",
        kinds.NUMBER,
        "How sure it must be that two names are one thing, for them to be merged after "
        "documents were read: 0.95 is sure, 0 merges nothing.",
    ),
    Setting(
        "MAX_FILE_PATHS", "max_file_paths", kinds.whole(1), "Files named per entity."
    ),
    Setting(
        "CHUNK_ATTEMPTS",
        "chunk_attempts",
        kinds.whole(1, 50),
        "How often a chunk is tried before its document fails: an answer that can't be "
        "read counts, a provider that is down, slow or refuses for now does not.",
    ),
    Setting(
        "CHUNK_BACKOFF",
        "chunk_backoff",
        kinds.NUMBER,
        "Seconds: the scale of the growing wait before a chunk is tried again.",
    ),
    Setting(
        "PROVIDER_PATIENCE",
        "provider_patience",
        kinds.NUMBER,
        "Seconds that documents wait for a provider that is down, slow or refuses for "
        "now; then they fail.",
    ),
    Setting(
        "ENABLE_LLM_CACHE_FOR_EXTRACT",
        "llm_cache",
        kinds.SWITCH,
        "Keep extractions, so that the same text is never paid for twice.",
    ),
    Setting(
        "LLM_DAILY_TOKEN_BUDGET",
        "daily_token_budget",
        kinds.whole(),
        "Tokens a day (UTC) after which documents wait for the next; 0 is no limit.",
    ),
    Setting(
        "PDF_DECRYPT_PASSWORD",
        "pdf_password",
        kinds.TEXT,
        "Password of encrypted PDFs.",
        secret=True,
    ),
)
