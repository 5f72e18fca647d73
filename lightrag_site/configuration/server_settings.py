"""The server itself, and the databases it stands on."""

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
        "Where databases, keys and uploaded originals are kept.",
        "--working-dir",
    ),
    Setting(
        "INPUT_DIR",
        "input_dir",
        value_types.FOLDER,
        "Where uploads are stored and scans look.",
        "--input-dir",
    ),
    Setting(
        "WORKSPACE",
        "workspace",
        value_types.WORKSPACE,
        "The workspace used where a request names none.",
        "--workspace",
        ("POSTGRES_WORKSPACE",),
    ),
    Setting(
        "LOG_LEVEL",
        "log_level",
        value_types.LOG_LEVEL,
        "How much to log.",
        "--log-level",
    ),
    Setting(
        "LIGHTRAG_API_KEY",
        "api_key",
        value_types.TEXT,
        "Key that every request must bring.",
        "--key",
        secret=True,
    ),
    Setting(
        "CORS_ORIGINS", "cors_origins", value_types.WORDS, "Origins that may call us."
    ),
    Setting(
        "WHITELIST_PATHS",
        "whitelist_paths",
        value_types.WORDS,
        "Paths open without a key; `/*` at the end opens all below.",
    ),
    Setting("WEBUI_TITLE", "webui_title", value_types.TEXT, "Title of the pages."),
    Setting(
        "WEBUI_DESCRIPTION", "webui_description", value_types.TEXT, "Line below it."
    ),
    Setting(
        "UI_TEMPLATES_DIR",
        "ui_templates_dir",
        value_types.FOLDER,
        "Words and logos of LightRAG's own pages, where these are shown in front of us: "
        "`/ui/customization` hands them on.",
    ),
    Setting(
        "ENABLE_AI_CONTENT_NOTICE",
        "ai_content_notice",
        value_types.SWITCH,
        "Have LightRAG's web UI say that answers are made by a model.",
    ),
    Setting(
        "MAX_UPLOAD_SIZE", "max_upload_bytes", value_types.SIZE, "Bytes of one file."
    ),
    Setting(
        "MAX_REQUEST_BODY_BYTES",
        "max_body_bytes",
        value_types.SIZE,
        "Bytes of a request.",
    ),
    Setting(
        "MAX_TEXT_BODY_BYTES",
        "max_text_body_bytes",
        value_types.SIZE,
        "Bytes of a request that brings texts.",
        aliases=("MAX_REQUEST_BODY_BYTES",),
    ),
    Setting(
        "MAX_TEXTS_PER_REQUEST",
        "max_texts_per_request",
        value_types.whole(),
        "Texts in one request; 0 is no limit.",
    ),
    Setting(
        "MAX_PENDING_DOCUMENTS",
        "max_pending_documents",
        value_types.whole(),
        "Unfinished documents of a workspace beyond which no more are taken (429); 0 is "
        "no limit.",
    ),
    Setting(
        "MAX_GRAPH_NODES",
        "max_graph_nodes",
        value_types.whole(1),
        "Nodes of one drawn graph.",
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
        "Certificate.",
        "--ssl-certfile",
    ),
    Setting(
        "SSL_KEYFILE", "ssl_keyfile", value_types.FILE, "Its key.", "--ssl-keyfile"
    ),
    Setting(
        "LIGHTRAG_API_PREFIX",
        "api_prefix",
        value_types.URL_PREFIX,
        "Path under which a proxy shows the server.",
        "--api-prefix",
    ),
    Setting(
        "ENABLE_API_DOCS", "api_docs", value_types.SWITCH, "Serve /docs and /redoc."
    ),
    Setting(
        "OLLAMA_EMULATING_MODEL_NAME",
        "simulated_model_name",
        value_types.TEXT,
        "Model name shown to Ollama's clients.",
        "--simulated-model-name",
    ),
    Setting(
        "OLLAMA_EMULATING_MODEL_TAG",
        "simulated_model_tag",
        value_types.TEXT,
        "Its tag.",
        "--simulated-model-tag",
    ),
    Setting(
        "CHAT_MODELS",
        "chat_models",
        value_types.NAMED_MODELS,
        "Models that chat clients may choose beside LightRAG's own: a list.",
    ),
)

STORES = (
    Setting(
        "DATABASE_URL",
        "database_url",
        value_types.TEXT,
        "PostgreSQL to use, as postgresql://user:password@host:port/name.",
        secret=True,
    ),
    Setting("POSTGRES_HOST", "postgres_host", value_types.TEXT, "Its host."),
    Setting("POSTGRES_PORT", "postgres_port", value_types.PORT, "Its port."),
    Setting("POSTGRES_USER", "postgres_user", value_types.TEXT, "Its user."),
    Setting(
        "POSTGRES_PASSWORD",
        "postgres_password",
        value_types.TEXT,
        "That user's password.",
        secret=True,
    ),
    Setting(
        "POSTGRES_DATABASE", "postgres_database", value_types.TEXT, "Its database."
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
        "Connections of one process.",
    ),
    Setting(
        "REDIS_URL",
        "redis_url",
        value_types.TEXT,
        "Redis or Valkey to use, as redis://host:6379/0.",
        aliases=("REDIS_URI",),
        secret=True,
    ),
)
