"""The models' settings, and what each provider adds to them.

A role (EXTRACT, KEYWORD, QUERY) may override any setting of CHAT: `QUERY_LLM_MODEL`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting
from lightrag_site.configuration.value_types import Kind

ROLES = ("EXTRACT", "KEYWORD", "QUERY")

CHAT = (
    Setting(
        "LLM_BINDING",
        "binding",
        value_types.choice("none", "openai", "azure_openai", "ollama", "fake"),
        "Provider of the language model; none gives extractive answers.",
        "--llm-binding",
    ),
    Setting("LLM_MODEL", "model", value_types.TEXT, "Its model."),
    Setting("LLM_BINDING_HOST", "host", value_types.TEXT, "Its address."),
    Setting(
        "LLM_BINDING_API_KEY", "api_key", value_types.TEXT, "Its key.", secret=True
    ),
    Setting(
        "LLM_TIMEOUT",
        "timeout",
        value_types.SECONDS,
        "Seconds one request may take.",
        "--timeout",
        ("TIMEOUT",),
    ),
    Setting(
        "MAX_ASYNC_LLM",
        "max_async",
        value_types.whole(1, 1000),
        "Requests at once.",
        "--max-async",
        ("MAX_ASYNC",),
    ),
    Setting(
        "LLM_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests a minute the provider allows; 0: not known.",
    ),
    Setting(
        "LLM_TOKENS_PER_MINUTE",
        "tokens_per_minute",
        value_types.whole(),
        "Tokens a minute the provider allows; 0: not known.",
    ),
)

EMBEDDING = (
    Setting(
        "EMBEDDING_BINDING",
        "binding",
        value_types.choice("local", "openai", "azure_openai", "ollama", "fake"),
        "Provider of the embeddings; local computes them in process.",
        "--embedding-binding",
    ),
    Setting("EMBEDDING_MODEL", "model", value_types.TEXT, "Its model."),
    Setting(
        "EMBEDDING_DIM",
        "dimensions",
        value_types.whole(1, 4000),
        "Length of a vector; fixed for a workspace once it is made.",
    ),
    Setting("EMBEDDING_BINDING_HOST", "host", value_types.TEXT, "Its address."),
    Setting(
        "EMBEDDING_BINDING_API_KEY",
        "api_key",
        value_types.TEXT,
        "Its key.",
        secret=True,
    ),
    Setting(
        "EMBEDDING_TIMEOUT", "timeout", value_types.SECONDS, "Seconds of one request."
    ),
    Setting(
        "EMBEDDING_FUNC_MAX_ASYNC",
        "max_async",
        value_types.whole(1, 1000),
        "Requests at once.",
    ),
    Setting(
        "EMBEDDING_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests a minute the provider allows; 0: not known.",
    ),
    Setting(
        "EMBEDDING_TOKENS_PER_MINUTE",
        "tokens_per_minute",
        value_types.whole(),
        "Tokens a minute the provider allows; 0: not known.",
    ),
    Setting(
        "EMBEDDING_BATCH_NUM",
        "batch_size",
        value_types.whole(1, 2048),
        "Texts of a request.",
    ),
    Setting(
        "EMBEDDING_TOKEN_LIMIT",
        "token_limit",
        value_types.whole(16),
        "Tokens of one text the model takes.",
    ),
    Setting(
        "EMBEDDING_SEND_DIM",
        "send_dimensions",
        value_types.SWITCH,
        "Ask the provider for EMBEDDING_DIM.",
    ),
    Setting(
        "EMBEDDING_USE_BASE64",
        "use_base64",
        value_types.SWITCH,
        "Fetch vectors as base64, which is a quarter of the text.",
    ),
    Setting(
        "EMBEDDING_QUERY_PREFIX",
        "query_prefix",
        value_types.TEXT,
        "Put before questions.",
    ),
    Setting(
        "EMBEDDING_DOCUMENT_PREFIX",
        "document_prefix",
        value_types.TEXT,
        "Put before passages.",
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
    Setting("RERANK_MODEL", "model", value_types.TEXT, "Its model."),
    Setting("RERANK_BINDING_HOST", "host", value_types.TEXT, "Its address."),
    Setting(
        "RERANK_BINDING_API_KEY", "api_key", value_types.TEXT, "Its key.", secret=True
    ),
    Setting(
        "RERANK_TIMEOUT", "timeout", value_types.SECONDS, "Seconds of one request."
    ),
    Setting(
        "MAX_ASYNC_RERANK",
        "max_async",
        value_types.whole(1, 1000),
        "Requests at once.",
        aliases=("MAX_ASYNC_LLM", "MAX_ASYNC"),
    ),
    Setting(
        "RERANK_REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(),
        "Requests a minute the provider allows; 0: not known.",
    ),
    Setting(
        "RERANK_BY_DEFAULT",
        "by_default",
        value_types.SWITCH,
        "Rerank unless told not to.",
    ),
    Setting(
        "MIN_RERANK_SCORE",
        "min_score",
        value_types.NUMBER,
        "Score below which to drop.",
    ),
)

OPENAI_OPTIONS: Mapping[str, Kind] = {
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
OLLAMA_OPTIONS: Mapping[str, Kind] = {
    **dict.fromkeys(_OLLAMA_WHOLE.split(), Kind("a whole number", int)),
    **dict.fromkeys(_OLLAMA_NUMBERS.split(), value_types.NUMBER),
    **dict.fromkeys(_OLLAMA_SWITCHES.split(), value_types.SWITCH),
    "stop": value_types.JSON,
}
FAKE_OPTIONS: Mapping[str, Kind] = {
    "latency": value_types.NUMBER,
    "token_latency": value_types.NUMBER,
}
LOCAL_OPTIONS: Mapping[str, Kind] = {"threads": value_types.whole(1, 256)}


@dataclass(frozen=True, slots=True)
class Provider:
    """What a binding falls back on; the tuples are names of environment variables.

    `dimensions` are those of models known by name; `keyed_host` is the host that
    answers nobody without a key.
    """

    hosts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    host: str = ""
    model: str = ""
    version: str = ""
    options_prefix: str = ""
    options: Mapping[str, Kind] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    keyed_host: str = ""


OPENAI_HOST = "https://api.openai.com/v1"
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
