"""Every setting that is one field of the configuration: name, flag, kind, meaning.

Read by `environment` (values), `flags` (the command line) and the documentation.
Names and flags are LightRAG's; a default is the field's own in `config`. The models'
settings, which depend on one another, stand in `model_table`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightrag_site.configuration import kinds
from lightrag_site.configuration.kinds import Kind


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` wins over its `aliases` where one place sets both."""

    name: str
    field: str
    kind: Kind
    help: str
    flag: str = ""
    aliases: tuple[str, ...] = ()
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Under which it may stand, the strongest first."""
        return (self.name, *self.aliases)


SERVER = (
    Setting("HOST", "host", kinds.TEXT, "Address to listen on.", "--host"),
    Setting("PORT", "port", kinds.PORT, "Port to listen on.", "--port"),
    Setting(
        "WORKING_DIR",
        "working_dir",
        kinds.FOLDER,
        "Where databases, keys and uploaded originals are kept.",
        "--working-dir",
    ),
    Setting(
        "INPUT_DIR",
        "input_dir",
        kinds.FOLDER,
        "Where uploads are stored and scans look.",
        "--input-dir",
    ),
    Setting(
        "WORKSPACE",
        "workspace",
        kinds.WORKSPACE,
        "The workspace used where a request names none.",
        "--workspace",
        ("POSTGRES_WORKSPACE",),
    ),
    Setting(
        "LOG_LEVEL", "log_level", kinds.LOG_LEVEL, "How much to log.", "--log-level"
    ),
    Setting(
        "LIGHTRAG_API_KEY",
        "api_key",
        kinds.TEXT,
        "Key that every request must bring.",
        "--key",
        secret=True,
    ),
    Setting("CORS_ORIGINS", "cors_origins", kinds.WORDS, "Origins that may call us."),
    Setting(
        "WHITELIST_PATHS",
        "whitelist_paths",
        kinds.WORDS,
        "Paths open without a key; `/*` at the end opens all below.",
    ),
    Setting("WEBUI_TITLE", "webui_title", kinds.TEXT, "Title of the pages."),
    Setting("WEBUI_DESCRIPTION", "webui_description", kinds.TEXT, "Line below it."),
    Setting("MAX_UPLOAD_SIZE", "max_upload_bytes", kinds.SIZE, "Bytes of one file."),
    Setting(
        "MAX_REQUEST_BODY_BYTES", "max_body_bytes", kinds.SIZE, "Bytes of a request."
    ),
    Setting(
        "MAX_TEXT_BODY_BYTES",
        "max_text_body_bytes",
        kinds.SIZE,
        "Bytes of a request that brings texts.",
        aliases=("MAX_REQUEST_BODY_BYTES",),
    ),
    Setting(
        "MAX_TEXTS_PER_REQUEST",
        "max_texts_per_request",
        kinds.whole(),
        "Texts in one request; 0 is no limit.",
    ),
    Setting(
        "MAX_GRAPH_NODES",
        "max_graph_nodes",
        kinds.whole(1),
        "Nodes of one drawn graph.",
    ),
    Setting(
        "WORKERS",
        "workers",
        kinds.whole(1, 256),
        "Processes that ingest documents.",
        "--workers",
        ("MAX_PARALLEL_INSERT",),
    ),
    Setting(
        "WEB_WORKERS",
        "web_workers",
        kinds.whole(1, 256),
        "Processes that answer requests.",
        "--web-workers",
    ),
    Setting("SSL", "ssl", kinds.SWITCH, "Serve HTTPS.", "--ssl"),
    Setting(
        "SSL_CERTFILE", "ssl_certfile", kinds.FILE, "Certificate.", "--ssl-certfile"
    ),
    Setting("SSL_KEYFILE", "ssl_keyfile", kinds.FILE, "Its key.", "--ssl-keyfile"),
    Setting(
        "LIGHTRAG_API_PREFIX",
        "api_prefix",
        kinds.URL_PREFIX,
        "Path under which a proxy shows the server.",
        "--api-prefix",
    ),
    Setting("ENABLE_API_DOCS", "api_docs", kinds.SWITCH, "Serve /docs and /redoc."),
    Setting(
        "OLLAMA_EMULATING_MODEL_NAME",
        "simulated_model_name",
        kinds.TEXT,
        "Model name shown to Ollama's clients.",
        "--simulated-model-name",
    ),
    Setting(
        "OLLAMA_EMULATING_MODEL_TAG",
        "simulated_model_tag",
        kinds.TEXT,
        "Its tag.",
        "--simulated-model-tag",
    ),
    Setting(
        "CHAT_MODELS",
        "chat_models",
        kinds.NAMED_MODELS,
        "Models that chat clients may choose beside LightRAG's own: a list.",
    ),
)

STORES = (
    Setting(
        "DATABASE_URL",
        "database_url",
        kinds.TEXT,
        "PostgreSQL to use, as postgresql://user:password@host:port/name.",
        secret=True,
    ),
    Setting("POSTGRES_HOST", "postgres_host", kinds.TEXT, "Its host."),
    Setting("POSTGRES_PORT", "postgres_port", kinds.PORT, "Its port."),
    Setting("POSTGRES_USER", "postgres_user", kinds.TEXT, "Its user."),
    Setting(
        "POSTGRES_PASSWORD",
        "postgres_password",
        kinds.TEXT,
        "That user's password.",
        secret=True,
    ),
    Setting("POSTGRES_DATABASE", "postgres_database", kinds.TEXT, "Its database."),
    Setting("POSTGRES_SSL_MODE", "postgres_ssl_mode", kinds.TEXT, "libpq's sslmode."),
    Setting("POSTGRES_SSL_CERT", "postgres_ssl_cert", kinds.TEXT, "libpq's sslcert."),
    Setting("POSTGRES_SSL_KEY", "postgres_ssl_key", kinds.TEXT, "libpq's sslkey."),
    Setting(
        "POSTGRES_SSL_ROOT_CERT",
        "postgres_ssl_root_cert",
        kinds.TEXT,
        "libpq's sslrootcert.",
    ),
    Setting(
        "POSTGRES_MAX_CONNECTIONS",
        "max_connections",
        kinds.whole(2, 1000),
        "Connections of one process.",
    ),
    Setting(
        "REDIS_URL",
        "redis_url",
        kinds.TEXT,
        "Redis or Valkey to use, as redis://host:6379/0.",
        aliases=("REDIS_URI",),
        secret=True,
    ),
)

ACCESS = (
    Setting(
        "SECRET_KEY",
        "secret_key",
        kinds.TEXT,
        "Signs sessions; the same on every machine of one site.",
        secret=True,
    ),
    Setting(
        "ADMIN_PASSWORD",
        "admin_password",
        kinds.TEXT,
        "Password of the first administrator.",
        secret=True,
    ),
    Setting("ALLOWED_HOSTS", "allowed_hosts", kinds.WORDS, "Host names served."),
    Setting(
        "CSRF_TRUSTED_ORIGINS",
        "csrf_trusted_origins",
        kinds.WORDS,
        "Origins of pages behind a proxy, as https://rag.example.org.",
    ),
    Setting(
        "SECURE_COOKIES",
        "secure_cookies",
        kinds.SWITCH,
        "Send cookies by HTTPS alone, also where a proxy ends it; with SSL they always are.",
    ),
    Setting(
        "AUTH_ACCOUNTS",
        "accounts",
        kinds.ACCOUNTS,
        "Who may log in: `name:password,name:{bcrypt}hash`.",
        secret=True,
    ),
    Setting(
        "REQUIRE_LOGIN",
        "require_login",
        kinds.SWITCH,
        "Let nobody in without a key or a login, be it only of the admin's users.",
    ),
    Setting(
        "TOKEN_SECRET",
        "token_secret",
        kinds.TEXT,
        "Signs login tokens; taken from SECRET_KEY where it is not set.",
        secret=True,
    ),
    Setting(
        "JWT_ALGORITHM",
        "jwt_algorithm",
        kinds.choice("HS256", "HS384", "HS512"),
        "How login tokens are signed; no other is accepted.",
    ),
    Setting(
        "TOKEN_EXPIRE_HOURS",
        "token_hours",
        kinds.HOURS,
        "Hours a login lasts.",
    ),
    Setting(
        "GUEST_TOKEN_EXPIRE_HOURS",
        "guest_token_hours",
        kinds.HOURS,
        "Hours a guest's token lasts.",
    ),
    Setting(
        "TOKEN_AUTO_RENEW",
        "token_auto_renew",
        kinds.SWITCH,
        "Renew the tokens of those who go on working (`X-New-Token`).",
    ),
    Setting(
        "TOKEN_RENEW_THRESHOLD",
        "token_renew_threshold",
        kinds.PART,
        "Part of its time that a token has left when it is renewed.",
    ),
    Setting(
        "LOGIN_MAX_FAILED_ATTEMPTS",
        "login_attempts",
        kinds.whole(0),
        "Failed logins of one address for one name before it must wait; 0 is no limit.",
    ),
    Setting(
        "LOGIN_LOCKOUT_WINDOW_SECONDS",
        "login_window_seconds",
        kinds.whole(1, 86400),
        "Seconds within which they count, and it must wait.",
    ),
    Setting(
        "REQUESTS_PER_MINUTE",
        "requests_per_minute",
        kinds.whole(0),
        "Requests a minute of one key, user or unknown address; 0 is no limit.",
    ),
)

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
        "How often a chunk is tried before its document fails.",
    ),
    Setting(
        "CHUNK_BACKOFF",
        "chunk_backoff",
        kinds.NUMBER,
        "Seconds: the scale of the growing wait before a chunk is tried again.",
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

QUERY = (
    Setting("TOP_K", "top_k", kinds.whole(1), "Entities or relations searched for."),
    Setting(
        "CHUNK_TOP_K", "chunk_top_k", kinds.whole(1), "Passages searched and kept."
    ),
    Setting(
        "MAX_ENTITY_TOKENS", "max_entity_tokens", kinds.whole(1), "Tokens of entities."
    ),
    Setting(
        "MAX_RELATION_TOKENS",
        "max_relation_tokens",
        kinds.whole(1),
        "Tokens of relations.",
    ),
    Setting(
        "MAX_TOTAL_TOKENS", "max_total_tokens", kinds.whole(1), "Tokens of a context."
    ),
    Setting(
        "COSINE_THRESHOLD",
        "cosine_threshold",
        kinds.NUMBER,
        "Similarity below which nothing counts as found.",
    ),
    Setting(
        "RELATED_CHUNK_NUMBER",
        "related_chunks",
        kinds.whole(1),
        "Passages per entity or relation.",
    ),
    Setting(
        "KG_CHUNK_PICK_METHOD",
        "chunk_pick_method",
        kinds.choice("VECTOR", "WEIGHT"),
        "How those are chosen.",
    ),
    Setting(
        "ENABLE_CONTENT_HEADINGS",
        "content_headings",
        kinds.SWITCH,
        "Give the model the headings above a passage.",
    ),
    Setting(
        "USER_PROMPT_PREFIX",
        "user_prompt_prefix",
        kinds.TEXT,
        "Put before every request's own instructions.",
    ),
    Setting("ENABLE_LLM_CACHE", "llm_cache", kinds.SWITCH, "Keep answers."),
    Setting(
        "KEYWORD_EXTRACTION",
        "keyword_extraction",
        kinds.choice("llm", "none"),
        "Ask the model for keywords, or search with the question itself.",
    ),
    Setting(
        "LLM_BUDGET_STOPS_QUESTIONS",
        "within_budget",
        kinds.SWITCH,
        "Refuse questions too (429) once LLM_DAILY_TOKEN_BUDGET is spent.",
    ),
)
