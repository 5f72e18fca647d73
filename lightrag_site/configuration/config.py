"""LightRAG's configuration as one frozen object: `settings.LIGHTRAG`.

Names of environment variables and flags are upstream's. Apps read the object and
never the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig


@dataclass(frozen=True, slots=True)
class NamedModelConfig:
    """A model that chat clients may choose beside LightRAG's own.

    `parameters` are those of a query (top_k, response_type, …), as /query names them; an
    empty workspace is the request's own.
    """

    id: str
    mode: str = ""
    workspace: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Where the server listens and keeps its things."""

    host: str = "0.0.0.0"  # noqa: S104 - as upstream
    port: int = 9621
    working_dir: Path = Path("rag_storage")
    input_dir: Path = Path("inputs")
    workspace: str = "default"
    log_level: str = "INFO"
    api_key: str = ""
    whitelist_paths: tuple[str, ...] = ("/health",)
    """Open to all where a key or accounts are set; `/x/*` is a prefix. Upstream's
    default opens `/api/*` too."""
    cors_origins: tuple[str, ...] = ("*",)
    api_docs: bool = True
    webui_title: str = ""
    webui_description: str = ""
    ui_templates_dir: Path | None = None
    max_upload_bytes: int = 100 * 1024 * 1024
    max_body_bytes: int = 1024 * 1024
    max_text_body_bytes: int = 50 * 1024 * 1024
    max_texts_per_request: int = 0
    """0: as many as fit into the body."""
    max_pending_documents: int = 0
    """0: as many as are handed in."""
    ai_content_notice: bool = False
    max_graph_nodes: int = 1000
    workers: int = 2
    """Processes that ingest."""
    web_workers: int = 1
    """Processes that answer requests."""
    ssl: bool = False
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    api_prefix: str = ""
    simulated_model_name: str = "lightrag"
    """What Ollama's clients see."""
    simulated_model_tag: str = "latest"
    chat_models: tuple[NamedModelConfig, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """The database and the broker; with nothing set both are embedded."""

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
    """Of one process."""
    redis_url: str = ""

    @property
    def embedded_postgres(self) -> bool:
        """Nobody named a PostgreSQL, so ours is started."""
        named = (
            self.database_url,
            self.postgres_host,
            self.postgres_user,
            self.postgres_password,
            self.postgres_database,
        )
        return not any(named)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One of AUTH_ACCOUNTS; the password as it is, or `{bcrypt}` and its hash."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccessConfig:
    """Who may come in from where."""

    secret_key: str = ""
    """Signs sessions and tokens; made and kept in the working directory when empty."""
    admin_password: str = ""
    allowed_hosts: tuple[str, ...] = ("*",)
    csrf_trusted_origins: tuple[str, ...] = ()
    secure_cookies: bool = False
    """A proxy ends TLS, so cookies go by HTTPS alone though SSL is off here."""
    accounts: tuple[AccountConfig, ...] = ()
    require_login: bool = False
    """Nobody enters without a key or a login, and Django's users log in by `/login`."""
    token_secret: str = field(default="", repr=False)
    """TOKEN_SECRET signs login tokens; empty: derived from SECRET_KEY."""
    jwt_algorithm: str = "HS256"
    token_hours: float = 48.0
    guest_token_hours: float = 24.0
    token_auto_renew: bool = True
    token_renew_threshold: float = 0.5
    """A token is renewed when less than this part of its time is left."""
    login_attempts: int = 5
    """Failed ones of one address for one name, within the window; 0: no limit."""
    login_window_seconds: int = 300
    requests_per_minute: int = 0
    """Of one key, user or, where nobody is known, address; 0: no limit."""


@dataclass(frozen=True, slots=True)
class ObserveConfig:
    """What is told of the site, and to whom."""

    log_format: str = "line"
    otlp_endpoint: str = ""
    otlp_headers: str = ""
    """As OpenTelemetry has them: `name=value,name=value`."""
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
    max_gleaning: int = 0
    max_extraction_records: int = 100
    max_extraction_entities: int = 40
    max_extract_input_tokens: int = 20480
    summary_fragments: int = 8
    """FORCE_LLM_SUMMARY_ON_MERGE: so many fragments are summarised by the model."""
    summary_max_tokens: int = 1200
    summary_context_tokens: int = 12000
    summary_length: int = 600
    max_fragments: int = 200
    """MAX_SOURCE_IDS_PER_ENTITY: the oldest so many descriptions make the merged one."""
    max_file_paths: int = 75
    resolve_above: float = 0.0
    """ENTITY_RESOLUTION: names so surely one are merged after ingestion; 0 for none."""
    chunk_attempts: int = 5
    """How often a chunk's own failure is borne before its document fails."""
    chunk_backoff: float = 1.0
    """Seconds: the scale of the growing random wait before a chunk is tried again."""
    provider_patience: float = 21600.0
    """Seconds that documents wait for a provider that is away, before they fail."""
    llm_cache: bool = True
    daily_token_budget: int = 0
    """LLM_DAILY_TOKEN_BUDGET: once spent (UTC), documents wait; 0: no limit."""
    pdf_password: str = ""


@dataclass(frozen=True, slots=True)
class QueryConfig:
    """Budgets and defaults of a query (docs/lightrag.md B)."""

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
    llm_cache: bool = True
    keyword_extraction: str = "llm"
    within_budget: bool = False
    """LLM_BUDGET_STOPS_QUESTIONS: LLM_DAILY_TOKEN_BUDGET holds for questions too."""


@dataclass(frozen=True, slots=True)
class LightRAGConfig:
    """Everything a LightRAG user may set."""

    server: ServerConfig = field(default_factory=ServerConfig)
    stores: StoreConfig = field(default_factory=StoreConfig)
    access: AccessConfig = field(default_factory=AccessConfig)
    observe: ObserveConfig = field(default_factory=ObserveConfig)
    ingest: IngestConfig = field(default_factory=IngestConfig)
    query: QueryConfig = field(default_factory=QueryConfig)
    extract_llm: ChatConfig = field(default_factory=ChatConfig)
    keyword_llm: ChatConfig = field(default_factory=ChatConfig)
    query_llm: ChatConfig = field(default_factory=ChatConfig)
    embedding: EmbeddingConfig = field(default_factory=EmbeddingConfig)
    next_embedding: EmbeddingConfig | None = None
    """The model that `manage.py reembed` moves workspaces to."""
    rerank: RerankConfig = field(default_factory=RerankConfig)
