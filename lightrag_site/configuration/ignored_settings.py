"""LightRAG's flags and settings that are accepted and have no effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from documents.files import parser_hints
from lightrag_site.configuration.model_settings import ROLES
from lightrag_site.configuration.sources import Sources

FLAGS = {
    "--verbose": "use --log-level DEBUG",
    "--default-ui": "there is only one web UI",
}

REASONS: Mapping[str, str] = {
    "all data is stored in PostgreSQL": """LIGHTRAG_KV_STORAGE LIGHTRAG_VECTOR_STORAGE
        LIGHTRAG_GRAPH_STORAGE LIGHTRAG_DOC_STATUS_STORAGE
        PIPELINE_REQUIRE_STRICT_STORAGE_READS""",
    "extractions are always requested as JSON": "ENTITY_EXTRACTION_USE_JSON",
    "files are parsed by the server's own parsers and limits": """
        DOCX_MAX_UNCOMPRESSED_BYTES DOCX_MAX_COMPRESSION_RATIO DOCX_MAX_ENTRIES
        DOCX_SMART_HEADING""",
    "only a mineru-api of your own is supported; set MINERU_LOCAL_ENDPOINT": """
        MINERU_API_MODE MINERU_OFFICIAL_ENDPOINT MINERU_API_TOKEN
        MINERU_MODEL_VERSION MINERU_PAGE_RANGES MINERU_IS_OCR""",
    "manage.py reparse parses documents again": """LIGHTRAG_FORCE_REPARSE_NATIVE
        LIGHTRAG_FORCE_REPARSE_MINERU LIGHTRAG_FORCE_REPARSE_DOCLING""",
    "a service parses the suffixes in the documentation": """
        DOCLING_ADDITIONAL_SUFFIXES MINERU_ADDITIONAL_SUFFIXES""",
    "images that a document only links to are not downloaded": """
        NATIVE_MD_IMAGE_DOWNLOAD_ENABLED""",
    "CHUNK_SIZE and CHUNK_OVERLAP_SIZE apply to all chunkers; a request can override them": """
        CHUNK_F_SIZE CHUNK_R_SIZE CHUNK_V_SIZE CHUNK_P_SIZE
        EMBEDDING_CHUNK_OVERLAP_TOKEN_SIZE""",
    "the database is the queue; see WORKERS and MAX_ASYNC": """MAX_PARALLEL_ANALYZE
        MAX_PARALLEL_PARSE_NATIVE QUEUE_SIZE_PARSE QUEUE_SIZE_ANALYZE QUEUE_SIZE_INSERT
        PIPELINE_SCHEDULING_PAGE_SIZE MAX_UNACKED_MANUAL_RETRIES SCAN_ENQUEUE_BATCH_SIZE
        SCAN_SPOOL_DIR""",
    "logs go to standard error": """LOG_DIR LOG_MAX_BYTES LOG_BACKUP_COUNT ACCESS_LOG
        ERROR_LOG""",
    "OpenTelemetry spans contain times and tokens; see OTEL_EXPORTER_OTLP_ENDPOINT": """LANGFUSE_PUBLIC_KEY
        LANGFUSE_SECRET_KEY LIGHTRAG_PERFORMANCE_TIMING_LOGS""",
    "the binding gemini uses an API key, not Vertex AI": """
        GOOGLE_GENAI_USE_VERTEXAI GOOGLE_CLOUD_PROJECT""",
    "chunks are sent to the reranker whole; use one that reads CHUNK_SIZE tokens": """RERANK_ENABLE_CHUNKING
        RERANK_MAX_TOKENS_PER_DOC""",
    "the oldest descriptions are kept, as with KEEP": "SOURCE_IDS_LIMIT_METHOD",
    "MAX_SOURCE_IDS_PER_ENTITY also applies to relations": "MAX_SOURCE_IDS_PER_RELATION",
    "prefixes apply if they are set": "EMBEDDING_ASYMMETRIC",
    "there is only one web UI": "LIGHTRAG_DEFAULT_UI",
}
RULE_OPTIONS = {
    "i": "it needs VLM_PROCESS_ENABLE",
    "t": "tables are always read as text",
    "e": "equations are always read as text",
}
"""Options of LIGHTRAG_PARSER without effect, `i` only without a vision model."""
KEYED_BINDINGS = (
    *("LLM_BINDING", "EMBEDDING_BINDING", "NEXT_EMBEDDING_BINDING"),
    *(f"{role}_LLM_BINDING" for role in ROLES),
)
SETTINGS = {name: reason for reason, names in REASONS.items() for name in names.split()}


def warnings(flags: Iterable[str], sources: Sources) -> Iterator[str]:
    """Yield one line for each flag or setting that is set."""
    for flag in flags:
        yield f"{flag} has no effect: {FLAGS[flag]}"
    for name, reason in SETTINGS.items():
        if sources.find(name):
            yield f"{name} has no effect: {reason}"
    for name in KEYED_BINDINGS:
        binding = sources.find(name)
        if (
            binding
            and binding.text.lower() in ("bedrock", "aws_bedrock")
            and sources.find(f"{name}_API_KEY")
        ):
            yield (
                f"{name}_API_KEY has no effect with bedrock: set AWS_BEARER_TOKEN_BEDROCK"
                " or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )


def rule_warnings(rules: str, *, vision: bool) -> Iterator[str]:
    """Yield one line for each option of LIGHTRAG_PARSER that has no effect."""
    used = {
        option
        for rule in parser_hints.rules(rules)
        for option in rule.directives.options
    }
    for option, reason in RULE_OPTIONS.items():
        if option in used and not (option == "i" and vision):
            yield f"Option '{option}' in LIGHTRAG_PARSER has no effect: {reason}"
