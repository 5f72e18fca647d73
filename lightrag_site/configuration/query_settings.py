"""How questions are answered: `config.QueryConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

QUERY = (
    Setting(
        "TOP_K", "top_k", value_types.whole(1), "Entities or relations searched for."
    ),
    Setting(
        "CHUNK_TOP_K",
        "chunk_top_k",
        value_types.whole(1),
        "Passages searched and kept.",
    ),
    Setting(
        "MAX_ENTITY_TOKENS",
        "max_entity_tokens",
        value_types.whole(1),
        "Tokens of entities.",
    ),
    Setting(
        "MAX_RELATION_TOKENS",
        "max_relation_tokens",
        value_types.whole(1),
        "Tokens of relations.",
    ),
    Setting(
        "MAX_TOTAL_TOKENS",
        "max_total_tokens",
        value_types.whole(1),
        "Tokens of a context.",
    ),
    Setting(
        "COSINE_THRESHOLD",
        "cosine_threshold",
        value_types.NUMBER,
        "Similarity below which nothing counts as found.",
    ),
    Setting(
        "RELATED_CHUNK_NUMBER",
        "related_chunks",
        value_types.whole(1),
        "Passages per entity or relation.",
    ),
    Setting(
        "KG_CHUNK_PICK_METHOD",
        "chunk_pick_method",
        value_types.choice("VECTOR", "WEIGHT"),
        "How those are chosen.",
    ),
    Setting(
        "ENABLE_CONTENT_HEADINGS",
        "content_headings",
        value_types.SWITCH,
        "Give the model the headings above a passage.",
    ),
    Setting(
        "USER_PROMPT_PREFIX",
        "user_prompt_prefix",
        value_types.TEXT,
        "Put before every request's own instructions.",
    ),
    Setting("ENABLE_LLM_CACHE", "llm_cache", value_types.SWITCH, "Keep answers."),
    Setting(
        "KEYWORD_EXTRACTION",
        "keyword_extraction",
        value_types.choice("llm", "none"),
        "Ask the model for keywords, or search with the question itself.",
    ),
    Setting(
        "LLM_BUDGET_STOPS_QUESTIONS",
        "within_budget",
        value_types.SWITCH,
        "Refuse questions too (429) once LLM_DAILY_TOKEN_BUDGET is spent.",
    ),
)
