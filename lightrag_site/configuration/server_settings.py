"""Settings of the server (`config_classes.ServerConfig`) and databases (`config_classes.StoreConfig`)."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

SERVER = (
    Setting("HOST", "host", value_types.TEXT, "Address to listen on.", "--host"),
    Setting("PORT", "port", value_types.PORT, "Port to listen on.", "--port"),
    Setting(
        "WORKING_DIR",
        "working_dir",
        value_types.FOLDER,
        "Folder of the databases and keys.",
        "--working-dir",
    ),
    Setting(
        "INPUT_DIR",
        "input_dir",
        value_types.FOLDER,
        "Folder of uploaded files, which scans read.",
        "--input-dir",
    ),
    Setting(
        "PROMPT_DIR",
        "prompt_dir",
        value_types.FOLDER,
        "Folder of prompt files.",
    ),
    Setting(
        "WORKSPACE",
        "workspace",
        value_types.WORKSPACE,
        "Workspace of requests that name none.",
        "--workspace",
        ("POSTGRES_WORKSPACE",),
    ),
    Setting(
        "LOG_LEVEL",
        "log_level",
        value_types.LOG_LEVEL,
        "Lowest level that is logged.",
        "--log-level",
    ),
    Setting(
        "LIGHTRAG_API_KEY",
        "api_key",
        value_types.TEXT,
        "API key that requests must send.",
        "--key",
        secret=True,
    ),
    Setting(
        "CORS_ORIGINS",
        "cors_origins",
        value_types.WORDS,
        "Origins whose scripts may call the API. If not set: all with a key, and none"
        " while the server requires no authentication.",
    ),
    Setting(
        "WHITELIST_PATHS",
        "whitelist_paths",
        value_types.WORDS,
        "Paths that need no authentication; `/*` at the end makes it a prefix.",
    ),
    Setting("WEBUI_TITLE", "webui_title", value_types.TEXT, "Title of the pages."),
    Setting(
        "WEBUI_DESCRIPTION",
        "webui_description",
        value_types.TEXT,
        "Subtitle of the pages.",
    ),
    Setting(
        "UI_TEMPLATES_DIR",
        "ui_templates_dir",
        value_types.FOLDER,
        "Texts and images for LightRAG's web UI, served at `/ui/customization`.",
    ),
    Setting(
        "ENABLE_AI_CONTENT_NOTICE",
        "ai_content_notice",
        value_types.SWITCH,
        "Show a notice in LightRAG's web UI that answers are generated.",
    ),
    Setting(
        "MAX_UPLOAD_SIZE",
        "max_upload_bytes",
        value_types.SIZE,
        "Maximum size of a file in bytes.",
    ),
    Setting(
        "MAX_SPOOLED_BYTES",
        "max_spooled_bytes",
        value_types.SIZE,
        "Maximum size of all unfinished request bodies of a web process together.",
    ),
    Setting(
        "MAX_REQUEST_BODY_BYTES",
        "max_body_bytes",
        value_types.SIZE,
        "Maximum size of a request in bytes.",
    ),
    Setting(
        "MAX_TEXT_BODY_BYTES",
        "max_text_body_bytes",
        value_types.SIZE,
        "Maximum size of a request with texts in bytes.",
        aliases=("MAX_REQUEST_BODY_BYTES",),
    ),
    Setting(
        "MAX_TEXTS_PER_REQUEST",
        "max_texts_per_request",
        value_types.whole(),
        "Maximum number of texts per request; 0: no limit.",
    ),
    Setting(
        "MAX_PENDING_DOCUMENTS",
        "max_pending_documents",
        value_types.whole(),
        "Maximum number of unfinished documents of a workspace; more are rejected (429). "
        "0: no limit.",
    ),
    Setting(
        "MAX_GRAPH_NODES",
        "max_graph_nodes",
        value_types.whole(1),
        "Maximum number of entities in one graph.",
    ),
    Setting(
        "WORKERS",
        "workers",
        value_types.whole(1, 256),
        "Processes that ingest documents.",
        "--workers",
        ("MAX_PARALLEL_INSERT",),
    ),
    Setting(
        "WEB_WORKERS",
        "web_workers",
        value_types.whole(1, 256),
        "Processes that answer requests.",
        "--web-workers",
    ),
    Setting("SSL", "ssl", value_types.SWITCH, "Serve HTTPS.", "--ssl"),
    Setting(
        "SSL_CERTFILE",
        "ssl_certfile",
        value_types.FILE,
        "Certificate file.",
        "--ssl-certfile",
    ),
    Setting(
        "SSL_KEYFILE",
        "ssl_keyfile",
        value_types.FILE,
        "Private key file.",
        "--ssl-keyfile",
    ),
    Setting(
        "LIGHTRAG_API_PREFIX",
        "api_prefix",
        value_types.URL_PREFIX,
        "Path prefix of the server behind a proxy.",
        "--api-prefix",
    ),
    Setting(
        "ENABLE_API_DOCS", "api_docs", value_types.SWITCH, "Serve /docs and /redoc."
    ),
    Setting(
        "OLLAMA_EMULATING_MODEL_NAME",
        "simulated_model_name",
        value_types.TEXT,
        "Model name for Ollama clients.",
        "--simulated-model-name",
    ),
    Setting(
        "OLLAMA_EMULATING_MODEL_TAG",
        "simulated_model_tag",
        value_types.TEXT,
        "Model tag for Ollama clients.",
        "--simulated-model-tag",
    ),
    Setting(
        "CHAT_MODELS",
        "chat_models",
        value_types.NAMED_MODELS,
        "Additional models for chat clients, a list.",
    ),
    Setting(
        "CHAT_SOURCE_LIST",
        "chat_source_list",
        value_types.choice("ollama", "openai", "all", "none"),
        "Chat APIs whose answers end with a list of the cited files.",
    ),
)

STORES = (
    Setting(
        "DATABASE_URL",
        "database_url",
        value_types.TEXT,
        "URL of PostgreSQL: postgresql://user:password@host:port/name.",
        secret=True,
    ),
    Setting("POSTGRES_HOST", "postgres_host", value_types.TEXT, "Host of PostgreSQL."),
    Setting("POSTGRES_PORT", "postgres_port", value_types.PORT, "Port of PostgreSQL."),
    Setting("POSTGRES_USER", "postgres_user", value_types.TEXT, "User of PostgreSQL."),
    Setting(
        "POSTGRES_PASSWORD",
        "postgres_password",
        value_types.TEXT,
        "Password of the user.",
        secret=True,
    ),
    Setting(
        "POSTGRES_DATABASE",
        "postgres_database",
        value_types.TEXT,
        "Name of the database.",
    ),
    Setting(
        "POSTGRES_SSL_MODE", "postgres_ssl_mode", value_types.TEXT, "libpq's sslmode."
    ),
    Setting(
        "POSTGRES_SSL_CERT", "postgres_ssl_cert", value_types.TEXT, "libpq's sslcert."
    ),
    Setting(
        "POSTGRES_SSL_KEY", "postgres_ssl_key", value_types.TEXT, "libpq's sslkey."
    ),
    Setting(
        "POSTGRES_SSL_ROOT_CERT",
        "postgres_ssl_root_cert",
        value_types.TEXT,
        "libpq's sslrootcert.",
    ),
    Setting(
        "POSTGRES_MAX_CONNECTIONS",
        "max_connections",
        value_types.whole(2, 1000),
        "Maximum number of connections per process.",
    ),
    Setting(
        "REDIS_URL",
        "redis_url",
        value_types.TEXT,
        "URL of Redis or Valkey: redis://host:6379/0.",
        aliases=("REDIS_URI",),
        secret=True,
    ),
)
