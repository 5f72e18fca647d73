"""Settings of queries: `config_classes.QueryConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

QUERY = (
    Setting(
        "TOP_K",
        "top_k",
        value_types.whole(1),
        "Number of entities or relations to retrieve.",
    ),
    Setting(
        "CHUNK_TOP_K",
        "chunk_top_k",
        value_types.whole(1),
        "Number of chunks to retrieve, and to keep after reranking.",
    ),
    Setting(
        "MAX_ENTITY_TOKENS",
        "max_entity_tokens",
        value_types.whole(1),
        "Maximum tokens of entities.",
    ),
    Setting(
        "MAX_RELATION_TOKENS",
        "max_relation_tokens",
        value_types.whole(1),
        "Maximum tokens of relations.",
    ),
    Setting(
        "MAX_TOTAL_TOKENS",
        "max_total_tokens",
        value_types.whole(1),
        "Maximum tokens of the prompt with its context.",
    ),
    Setting(
        "COSINE_THRESHOLD",
        "cosine_threshold",
        value_types.NUMBER,
        "Matches with a lower similarity are dropped.",
    ),
    Setting(
        "RELATED_CHUNK_NUMBER",
        "related_chunks",
        value_types.whole(1),
        "Chunks per entity or relation.",
    ),
    Setting(
        "KG_CHUNK_PICK_METHOD",
        "chunk_pick_method",
        value_types.choice("VECTOR", "WEIGHT"),
        "How the chunks of entities and relations are selected.",
    ),
    Setting(
        "ENABLE_CONTENT_HEADINGS",
        "content_headings",
        value_types.SWITCH,
        "Add the headings above a chunk to the context.",
    ),
    Setting(
        "USER_PROMPT_PREFIX",
        "user_prompt_prefix",
        value_types.TEXT,
        "Text added before the instructions of every request.",
    ),
    Setting(
        "USER_PROMPT_PREFIX_FILE",
        "user_prompt_prefix_file",
        value_types.TEXT,
        "File in PROMPT_DIR/user_prompt with this text; replaces USER_PROMPT_PREFIX.",
    ),
    Setting("ENABLE_LLM_CACHE", "llm_cache", value_types.SWITCH, "Cache answers."),
    Setting(
        "KEYWORD_EXTRACTION",
        "keyword_extraction",
        value_types.choice("llm", "none"),
        "Extract keywords with the model, or search with the question.",
    ),
    Setting(
        "RELEVANCE_CHECK",
        "relevance_check",
        value_types.SWITCH,
        "Find nothing if no chunk relates to the question; then no model is called.",
    ),
    Setting(
        "WITHHOLD_UNSUPPORTED",
        "withhold_unsupported",
        value_types.SWITCH,
        "Omit sentences of an answer that the cited chunks do not support.",
    ),
    Setting(
        "SUPPORT_JUDGE",
        "support_judge",
        value_types.SWITCH,
        "Let the model judge whether the cited chunks support each sentence of its answer: "
        "one more call for each answer.",
    ),
    Setting(
        "LLM_BUDGET_STOPS_QUESTIONS",
        "enforce_budget",
        value_types.SWITCH,
        "Also reject questions (429) when LLM_DAILY_TOKEN_BUDGET is spent.",
    ),
    Setting(
        "LLM_INPUT_PRICE",
        "input_price",
        value_types.PRICE,
        "Price of a million prompt tokens, to show the cost of answers in the chat.",
    ),
    Setting(
        "LLM_OUTPUT_PRICE",
        "output_price",
        value_types.PRICE,
        "Price of a million completion tokens.",
    ),
    Setting(
        "LLM_PRICE_CURRENCY",
        "currency",
        value_types.choice("USD", "EUR", "GBP", "CNY", "TWD", "JPY", "KRW", "INR"),
        "Currency of the prices.",
    ),
)
