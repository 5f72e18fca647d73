"""Settings of the models, and the defaults of each provider.

A role (EXTRACT, KEYWORD, QUERY, VLM) may override any setting of CHAT: `QUERY_LLM_MODEL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting
from lightrag_site.configuration.value_types import ValueType

ROLES = ("EXTRACT", "KEYWORD", "QUERY", "VLM")

CHAT = (
    Setting(
        "LLM_BINDING",
        "binding",
        value_types.choice(
            *("none", "openai", "azure_openai", "ollama", "gemini", "bedrock"),
            *("lollms", "fake"),
            aliases={"aws_bedrock": "bedrock"},
        ),
        "Provider of the language model; with none, answers are quotations.",
        "--llm-binding",
    ),
    Setting("LLM_MODEL", "model", value_types.TEXT, "Name of the model."),
    Setting("LLM_BINDING_HOST", "host", value_types.TEXT, "URL of the provider."),
    Setting(
        "LLM_BINDING_API_KEY", "api_key", value_types.TEXT, "API key.", secret=True
    ),
    Setting(
        "LLM_TIMEOUT",
        "timeout",
        value_types.SECONDS,
        "Timeout of a request in seconds.",
        "--timeout",
        ("TIMEOUT",),
    ),
    Setting(
        "MAX_ASYNC_LLM",
        "max_async",
        value_types.whole(1, 1000),
        "Maximum number of concurrent requests.",
        "--max-async",
        ("MAX_ASYNC",),
    ),
    Setting(
        "LLM_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests per minute that the provider allows; 0: unknown.",
    ),
    Setting(
        "LLM_TOKENS_PER_MINUTE",
        "tokens_per_minute",
        value_types.whole(),
        "Tokens per minute that the provider allows; 0: unknown.",
    ),
)

EMBEDDING = (
    Setting(
        "EMBEDDING_BINDING",
        "binding",
        value_types.choice(
            *("local", "openai", "azure_openai", "ollama", "gemini", "bedrock"),
            *("lollms", "jina", "voyageai", "fake"),
            aliases={"aws_bedrock": "bedrock"},
        ),
        "Provider of the embeddings; local computes them in this process.",
        "--embedding-binding",
    ),
    Setting("EMBEDDING_MODEL", "model", value_types.TEXT, "Name of the model."),
    Setting(
        "EMBEDDING_DIM",
        "dimensions",
        value_types.whole(1, 4000),
        "Dimensions of a vector; fixed when a workspace is created.",
    ),
    Setting("EMBEDDING_BINDING_HOST", "host", value_types.TEXT, "URL of the provider."),
    Setting(
        "EMBEDDING_BINDING_API_KEY",
        "api_key",
        value_types.TEXT,
        "API key.",
        secret=True,
    ),
    Setting(
        "EMBEDDING_TIMEOUT",
        "timeout",
        value_types.SECONDS,
        "Timeout of a request in seconds.",
    ),
    Setting(
        "EMBEDDING_FUNC_MAX_ASYNC",
        "max_async",
        value_types.whole(1, 1000),
        "Maximum number of concurrent requests.",
    ),
    Setting(
        "EMBEDDING_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests per minute that the provider allows; 0: unknown.",
    ),
    Setting(
        "EMBEDDING_TOKENS_PER_MINUTE",
        "tokens_per_minute",
        value_types.whole(),
        "Tokens per minute that the provider allows; 0: unknown.",
    ),
    Setting(
        "EMBEDDING_BATCH_NUM",
        "batch_size",
        value_types.whole(1, 2048),
        "Texts per request.",
    ),
    Setting(
        "EMBEDDING_TOKEN_LIMIT",
        "token_limit",
        value_types.whole(16),
        "Maximum tokens of one text.",
    ),
    Setting(
        "EMBEDDING_SEND_DIM",
        "send_dimensions",
        value_types.SWITCH,
        "Send EMBEDDING_DIM to the provider.",
    ),
    Setting(
        "EMBEDDING_USE_BASE64",
        "use_base64",
        value_types.SWITCH,
        "Request vectors in base64, a quarter of the size of JSON numbers.",
    ),
    Setting(
        "EMBEDDING_QUERY_PREFIX",
        "query_prefix",
        value_types.TEXT,
        "Text added before questions.",
    ),
    Setting(
        "EMBEDDING_DOCUMENT_PREFIX",
        "document_prefix",
        value_types.TEXT,
        "Text added before chunks.",
    ),
)

AWS = (
    Setting(
        "AWS_REGION",
        "region",
        value_types.TEXT,
        "Region of the models.",
        aliases=("AWS_DEFAULT_REGION",),
    ),
    Setting(
        "AWS_ACCESS_KEY_ID",
        "access_key_id",
        value_types.TEXT,
        "Access key; needs AWS_SECRET_ACCESS_KEY.",
        secret=True,
    ),
    Setting(
        "AWS_SECRET_ACCESS_KEY",
        "secret_access_key",
        value_types.TEXT,
        "Secret of the access key.",
        secret=True,
    ),
    Setting(
        "AWS_SESSION_TOKEN",
        "session_token",
        value_types.TEXT,
        "Token of a temporary access key.",
        secret=True,
    ),
    Setting(
        "AWS_BEARER_TOKEN_BEDROCK",
        "bearer_token",
        value_types.TEXT,
        "Bedrock API key, used if there is no access key.",
        secret=True,
    ),
    Setting(
        "AWS_PROFILE",
        "profile",
        value_types.TEXT,
        "Profile in ~/.aws with the region and the credentials.",
    ),
)

RERANK = (
    Setting(
        "RERANK_BINDING",
        "binding",
        value_types.choice("null", "cohere", "jina", "aliyun"),
        "Provider of the reranker.",
        "--rerank-binding",
    ),
    Setting("RERANK_MODEL", "model", value_types.TEXT, "Name of the model."),
    Setting("RERANK_BINDING_HOST", "host", value_types.TEXT, "URL of the provider."),
    Setting(
        "RERANK_BINDING_API_KEY", "api_key", value_types.TEXT, "API key.", secret=True
    ),
    Setting(
        "RERANK_TIMEOUT",
        "timeout",
        value_types.SECONDS,
        "Timeout of a request in seconds.",
    ),
    Setting(
        "MAX_ASYNC_RERANK",
        "max_async",
        value_types.whole(1, 1000),
        "Maximum number of concurrent requests.",
        aliases=("MAX_ASYNC_LLM", "MAX_ASYNC"),
    ),
    Setting(
        "RERANK_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests per minute that the provider allows; 0: unknown.",
    ),
    Setting(
        "RERANK_BY_DEFAULT",
        "by_default",
        value_types.SWITCH,
        "Rerank unless a request disables it.",
    ),
    Setting(
        "MIN_RERANK_SCORE",
        "min_score",
        value_types.NUMBER,
        "Chunks with a lower score are dropped.",
    ),
)

OPENAI_OPTIONS: Mapping[str, ValueType] = {
    "temperature": value_types.NUMBER,
    "top_p": value_types.NUMBER,
    "max_tokens": value_types.whole(1),
    "max_completion_tokens": value_types.whole(1),
    "frequency_penalty": value_types.NUMBER,
    "presence_penalty": value_types.NUMBER,
    "reasoning_effort": value_types.TEXT,
    "safety_identifier": value_types.TEXT,
    "service_tier": value_types.TEXT,
    "stop": value_types.JSON,
    "extra_body": value_types.JSON,
}
_OLLAMA_WHOLE = (
    "num_ctx num_predict num_keep seed top_k repeat_last_n mirostat num_batch num_gpu"
    " main_gpu num_thread"
)
_OLLAMA_NUMBERS = (
    "temperature top_p tfs_z typical_p min_p repeat_penalty presence_penalty"
    " frequency_penalty mirostat_tau mirostat_eta"
)
_OLLAMA_SWITCHES = (
    "numa low_vram f16_kv logits_all vocab_only use_mmap use_mlock embedding_only"
    " penalize_newline"
)
OLLAMA_OPTIONS: Mapping[str, ValueType] = {
    **dict.fromkeys(_OLLAMA_WHOLE.split(), ValueType("a whole number", int)),
    **dict.fromkeys(_OLLAMA_NUMBERS.split(), value_types.NUMBER),
    **dict.fromkeys(_OLLAMA_SWITCHES.split(), value_types.SWITCH),
    "stop": value_types.JSON,
}
FAKE_OPTIONS: Mapping[str, ValueType] = {
    "latency": value_types.NUMBER,
    "token_latency": value_types.NUMBER,
}
LOCAL_OPTIONS: Mapping[str, ValueType] = {"threads": value_types.whole(1, 256)}


@dataclass(frozen=True, slots=True)
class Provider:
    """The defaults of a binding.

    The tuples are names of environment variables. `dimensions` contains known models.
    `keyed_host` is the host that requires a key.
    """

    hosts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    host: str = ""
    model: str = ""
    version: str = ""
    options_prefix: str = ""
    options: Mapping[str, ValueType] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    keyed_host: str = ""


OPENAI_HOST = "https://api.openai.com/v1"
GEMINI_HOST = "https://generativelanguage.googleapis.com"
GEMINI_OPTIONS: Mapping[str, ValueType] = {
    "temperature": value_types.NUMBER,
    "top_p": value_types.NUMBER,
    "top_k": value_types.whole(1),
    "max_output_tokens": value_types.whole(1),
    "presence_penalty": value_types.NUMBER,
    "frequency_penalty": value_types.NUMBER,
    "stop_sequences": value_types.JSON,
    "seed": value_types.whole(0),
    "thinking_config": value_types.JSON,
    "safety_settings": value_types.JSON,
}
BEDROCK_OPTIONS: Mapping[str, ValueType] = {
    "temperature": value_types.NUMBER,
    "max_tokens": value_types.whole(1),
    "top_p": value_types.NUMBER,
    "stop_sequences": value_types.JSON,
    "extra_fields": value_types.JSON,
}
OPENAI_DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
OLLAMA_DIMENSIONS = {
    "bge-m3": 1024,
    "nomic-embed-text": 768,
    "mxbai-embed-large": 1024,
    "all-minilm": 384,
    "snowflake-arctic-embed2": 1024,
}

CHAT_PROVIDERS: Mapping[str, Provider] = {
    "none": Provider(),
    "openai": Provider(
        hosts=("OPENAI_API_BASE",),
        keys=("OPENAI_API_KEY",),
        host=OPENAI_HOST,
        options_prefix="OPENAI_LLM_",
        options=OPENAI_OPTIONS,
        keyed_host=OPENAI_HOST,
    ),
    "azure_openai": Provider(
        hosts=("AZURE_OPENAI_ENDPOINT",),
        keys=("AZURE_OPENAI_API_KEY",),
        models=("AZURE_OPENAI_DEPLOYMENT",),
        versions=("AZURE_OPENAI_API_VERSION",),
        version="2024-08-01-preview",
        options_prefix="OPENAI_LLM_",
        options=OPENAI_OPTIONS,
    ),
    "ollama": Provider(
        keys=("OLLAMA_API_KEY",),
        host="http://localhost:11434",
        model="mistral-nemo:latest",
        options_prefix="OLLAMA_LLM_",
        options={**OLLAMA_OPTIONS, "think": value_types.JSON},
    ),
    "gemini": Provider(
        keys=("GEMINI_API_KEY",),
        host=GEMINI_HOST,
        model="gemini-flash-latest",
        options_prefix="GEMINI_LLM_",
        options=GEMINI_OPTIONS,
        keyed_host=GEMINI_HOST,
    ),
    "bedrock": Provider(options_prefix="BEDROCK_LLM_", options=BEDROCK_OPTIONS),
    "lollms": Provider(host="http://localhost:9600"),
    "fake": Provider(model="fake", options_prefix="FAKE_LLM_", options=FAKE_OPTIONS),
}

EMBEDDING_PROVIDERS: Mapping[str, Provider] = {
    "local": Provider(
        model="multilingual-e5-small",
        options_prefix="LOCAL_EMBEDDING_",
        options=LOCAL_OPTIONS,
        dimensions={"multilingual-e5-small": 384},
    ),
    "openai": Provider(
        hosts=("OPENAI_API_BASE",),
        keys=("OPENAI_API_KEY",),
        host=OPENAI_HOST,
        model="text-embedding-3-small",
        dimensions=OPENAI_DIMENSIONS,
        keyed_host=OPENAI_HOST,
    ),
    "azure_openai": Provider(
        hosts=("AZURE_EMBEDDING_ENDPOINT", "AZURE_OPENAI_ENDPOINT"),
        keys=("AZURE_EMBEDDING_API_KEY", "AZURE_OPENAI_API_KEY"),
        models=("AZURE_EMBEDDING_DEPLOYMENT",),
        versions=("AZURE_EMBEDDING_API_VERSION", "AZURE_OPENAI_API_VERSION"),
        version="2024-08-01-preview",
        model="text-embedding-3-small",
        dimensions=OPENAI_DIMENSIONS,
    ),
    "ollama": Provider(
        keys=("OLLAMA_API_KEY",),
        host="http://localhost:11434",
        model="bge-m3:latest",
        options_prefix="OLLAMA_EMBEDDING_",
        options=OLLAMA_OPTIONS,
        dimensions=OLLAMA_DIMENSIONS,
    ),
    "gemini": Provider(
        keys=("GEMINI_API_KEY",),
        host=GEMINI_HOST,
        model="gemini-embedding-001",
        dimensions={"gemini-embedding-001": 1536},
        keyed_host=GEMINI_HOST,
    ),
    "bedrock": Provider(
        model="amazon.titan-embed-text-v2:0",
        dimensions={
            "amazon.titan-embed-text-v2": 1024,
            "amazon.titan-embed-text-v1": 1536,
            "cohere.embed-english-v3": 1024,
            "cohere.embed-multilingual-v3": 1024,
            "cohere.embed-v4": 1536,
        },
    ),
    "lollms": Provider(host="http://localhost:9600", model="lollms_embedding_model"),
    "jina": Provider(
        keys=("JINA_API_KEY",),
        host="https://api.jina.ai/v1",
        model="jina-embeddings-v4",
        dimensions={"jina-embeddings-v4": 2048, "jina-embeddings-v3": 1024},
    ),
    "voyageai": Provider(
        keys=("VOYAGE_API_KEY", "VOYAGEAI_API_KEY"),
        host="https://api.voyageai.com/v1",
        model="voyage-3.5",
        dimensions={
            "voyage-3.5": 1024,
            "voyage-3.5-lite": 1024,
            "voyage-3-large": 1024,
            "voyage-code-3": 1024,
        },
    ),
    "fake": Provider(
        model="hash",
        options_prefix="FAKE_EMBEDDING_",
        options=FAKE_OPTIONS,
        dimensions={"hash": 64},
    ),
}

RERANK_PROVIDERS: Mapping[str, Provider] = {
    "null": Provider(),
    "cohere": Provider(host="https://api.cohere.com/v2/rerank", model="rerank-v3.5"),
    "jina": Provider(
        host="https://api.jina.ai/v1/rerank",
        model="jina-reranker-v2-base-multilingual",
    ),
    "aliyun": Provider(
        host="https://dashscope.aliyuncs.com/api/v1/services/rerank/text-rerank/text-rerank",
        model="gte-rerank-v2",
    ),
}
