"""The configuration as one frozen object, `settings.LIGHTRAG`.

Environment variables and flags have LightRAG's names. Apps read this object and never
the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from documents.parse_process.services.config import (
    DoclingConfig,
    MineruConfig,
    ServiceConfig,
)
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig


@dataclass(frozen=True, slots=True)
class NamedModelConfig:
    """An additional model for chat clients.

    `parameters` are those of `/query` (top_k, response_type, …). If `workspace` is empty,
    the workspace of the request is used.
    """

    id: str
    mode: str = ""
    workspace: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Address, folders and limits of the server."""

    host: str = "0.0.0.0"  # noqa: S104 - as in LightRAG
    port: int = 9621
    working_dir: Path = Path("rag_storage")
    input_dir: Path = Path("inputs")
    prompt_dir: Path = Path("prompts")
    """Folder of the files that ENTITY_TYPE_PROMPT_FILE and USER_PROMPT_PREFIX_FILE name."""
    workspace: str = "default"
    log_level: str = "INFO"
    api_key: str = ""
    whitelist_paths: tuple[str, ...] = ("/health",)
    """Paths that need no authentication; `/x/*` is a prefix. LightRAG's default also
    contains `/api/*`."""
    cors_origins: tuple[str, ...] = ()
    """If empty, all origins may call the API with a key, and none without one."""
    api_docs: bool = True
    webui_title: str = ""
    webui_description: str = ""
    ui_templates_dir: Path | None = None
    max_upload_bytes: int = 100 * 1024 * 1024
    max_body_bytes: int = 1024 * 1024
    max_text_body_bytes: int = 50 * 1024 * 1024
    max_spooled_bytes: int = 2 * 1024 * 1024 * 1024
    """Upper bound on the bytes of unfinished bodies of a web process; 0: no limit."""
    max_texts_per_request: int = 0
    """0: no limit."""
    max_pending_documents: int = 0
    """0: no limit."""
    ai_content_notice: bool = False
    max_graph_nodes: int = 1000
    workers: int = 2
    """Number of ingesting processes."""
    web_workers: int = 1
    """Number of processes that answer requests."""
    ssl: bool = False
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    api_prefix: str = ""
    simulated_model_name: str = "lightrag"
    """Model name for Ollama clients."""
    simulated_model_tag: str = "latest"
    chat_models: tuple[NamedModelConfig, ...] = ()
    chat_source_list: str = "ollama"
    """Chat APIs whose answers end with the list of the cited files."""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """PostgreSQL and Redis; embedded if not configured."""

    database_url: str = ""
    postgres_host: str = ""
    postgres_port: int = 5432
    postgres_user: str = ""
    postgres_password: str = ""
    postgres_database: str = ""
    postgres_ssl_mode: str = ""
    postgres_ssl_cert: str = ""
    postgres_ssl_key: str = ""
    postgres_ssl_root_cert: str = ""
    max_connections: int = 40
    """Upper bound on the connections of one process."""
    redis_url: str = ""

    @property
    def embedded_postgres(self) -> bool:
        """Return whether no PostgreSQL is configured."""
        settings = (
            self.database_url,
            self.postgres_host,
            self.postgres_user,
            self.postgres_password,
            self.postgres_database,
        )
        return not any(settings)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One account of AUTH_ACCOUNTS, with a plain password or a `{bcrypt}` hash."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """Authentication, cookies and limits."""

    secret_key: str = ""
    """Key that signs sessions and tokens; if empty, it is generated and stored."""
    admin_password: str = ""
    allowed_hosts: tuple[str, ...] = ("*",)
    csrf_trusted_origins: tuple[str, ...] = ()
    secure_cookies: bool = False
    """Send cookies only over HTTPS although a proxy terminates TLS."""
    accounts: tuple[AccountConfig, ...] = ()
    require_login: bool = False
    """Require authentication; Django users can log in with `/login`."""
    token_secret: str = field(default="", repr=False)
    """Key that signs login tokens; if empty, it is derived from SECRET_KEY."""
    jwt_algorithm: str = "HS256"
    token_hours: float = 48.0
    guest_token_hours: float = 24.0
    token_auto_renew: bool = True
    token_renew_threshold: float = 0.5
    """Renew a token when less than this part of its lifetime is left."""
    session_hours: float = 24.0
    """A login on the pages ends after this time."""
    token_max_hours: float = 720.0
    """A login token is not renewed beyond this time after the login; 0: no limit."""
    login_attempts: int = 5
    """Failed logins per network and name within the window, four times as many of a
    network or of a name; 0: no limit."""
    login_window_seconds: int = 300
    requests_per_minute: int = 0
    """Limit of each key, user or anonymous address; 0: no limit."""


@dataclass(frozen=True, slots=True)
class ObserveConfig:
    """Logs and traces."""

    log_format: str = "line"
    otlp_endpoint: str = ""
    otlp_headers: str = ""
    """Headers in OpenTelemetry's form: `name=value,name=value`."""
    service_name: str = "lightrag"


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """Chunking, extraction and merging (docs/lightrag.md C.6 to C.8)."""

    chunk_size: int = 1200
    chunk_overlap: int = 100
    chunk_strategy: str = "paragraph_semantic"
    language: str = "English"
    entity_types: tuple[str, ...] = (
        "Person",
        "Creature",
        "Organization",
        "Location",
        "Event",
        "Concept",
        "Method",
        "Content",
        "Data",
        "Artifact",
        "NaturalObject",
        "Other",
    )
    entity_type_prompt_file: str = ""
    entity_type_guidance: str = ""
    """The explanation of the types in that file; it replaces `entity_types`."""
    extraction_examples: tuple[str, ...] = ()
    """The JSON examples in that file."""
    max_gleaning: int = 0
    max_extraction_records: int = 100
    max_extraction_entities: int = 40
    max_extract_input_tokens: int = 20480
    summary_fragments: int = 8
    """FORCE_LLM_SUMMARY_ON_MERGE: minimum number of fragments to be summarised."""
    summary_max_tokens: int = 1200
    summary_context_tokens: int = 12000
    summary_length: int = 600
    max_fragments: int = 200
    """MAX_SOURCE_IDS_PER_ENTITY: upper bound on merged descriptions, oldest first."""
    max_file_paths: int = 75
    resolve_above: float = 0.0
    """ENTITY_RESOLUTION: minimum confidence of automatic merges; 0: none."""
    chunk_attempts: int = 5
    """Attempts to extract a chunk before its document fails."""
    chunk_backoff: float = 1.0
    """Base of the growing random delay between attempts, in seconds."""
    provider_retry_timeout: float = 21600.0
    """PROVIDER_RETRY_TIMEOUT: seconds that documents wait for a provider."""
    llm_cache: bool = True
    daily_token_budget: int = 0
    """LLM_DAILY_TOKEN_BUDGET: when it is spent, documents wait; 0: no limit."""
    max_characters: int = 20_000_000
    """MAX_DOCUMENT_CHARACTERS: upper bound on the text of a document."""
    max_chunks: int = 10_000
    """MAX_DOCUMENT_CHUNKS: upper bound on the chunks of a document."""
    parse_timeout: int = 600
    """PARSE_TIMEOUT: seconds of elapsed time, and of CPU time, to parse a document."""
    pdf_password: str = ""
    ocr: bool = True
    ocr_language: str = ""
    """OCR_LANGUAGE: empty for the model of the package, Chinese and Latin scripts."""
    ocr_model_dir: str = ""
    ocr_max_pages: int = 1000
    ocr_page_timeout: int = 120
    parser_rules: str = ""
    """LIGHTRAG_PARSER, see `documents.files.parser_hints`."""
    vlm: bool = False
    """VLM_PROCESS_ENABLE: describe figures with the model of the role VLM."""
    vlm_max_image_bytes: int = 5 * 1024 * 1024
    vlm_min_image_pixel: int = 64


@dataclass(frozen=True, slots=True)
class QueryConfig:
    """Limits and defaults of a query (docs/lightrag.md B)."""

    top_k: int = 40
    chunk_top_k: int = 20
    max_entity_tokens: int = 6000
    max_relation_tokens: int = 8000
    max_total_tokens: int = 30000
    cosine_threshold: float = 0.2
    related_chunks: int = 5
    chunk_pick_method: str = "VECTOR"
    content_headings: bool = True
    user_prompt_prefix: str = ""
    user_prompt_prefix_file: str = ""
    llm_cache: bool = True
    keyword_extraction: str = "llm"
    relevance_check: bool = True
    withhold_unsupported: bool = False
    support_judge: bool = False
    enforce_budget: bool = False
    """LLM_BUDGET_STOPS_QUESTIONS: LLM_DAILY_TOKEN_BUDGET also applies to questions."""
    input_price: float = 0.0
    """LLM_INPUT_PRICE: price of a million prompt tokens."""
    output_price: float = 0.0
    currency: str = "USD"

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return the price of an answer; None if no price is configured."""
        if not (self.input_price or self.output_price):
            return None
        sent, received = prompt_tokens / 1e6, completion_tokens / 1e6
        return sent * self.input_price + received * self.output_price


@dataclass(frozen=True, slots=True)
class LightRAGConfig:
    """All settings."""

    server: ServerConfig = field(default_factory=ServerConfig)
    stores: StoreConfig = field(default_factory=StoreConfig)
    access: AccessConfig = field(default_factory=AccessConfig)
    observe: ObserveConfig = field(default_factory=ObserveConfig)
    ingest: IngestConfig = field(default_factory=IngestConfig)
    query: QueryConfig = field(default_factory=QueryConfig)
    extract_llm: ChatConfig = field(default_factory=ChatConfig)
    keyword_llm: ChatConfig = field(default_factory=ChatConfig)
    query_llm: ChatConfig = field(default_factory=ChatConfig)
    vlm_llm: ChatConfig = field(default_factory=ChatConfig)
    """The model that describes images, if `ingest.vlm`."""
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    next_embedding: EmbeddingConfig | None = None
    """The embedding model to which `manage.py reembed` moves workspaces."""
    rerank: RerankConfig = field(default_factory=RerankConfig)
    docling: DoclingConfig = field(default_factory=DoclingConfig)
    mineru: MineruConfig = field(default_factory=MineruConfig)

    @property
    def parser_services(self) -> Mapping[str, ServiceConfig]:
        """The parsers that are services, by their names in hints and rules."""
        return {"docling": self.docling, "mineru": self.mineru}
