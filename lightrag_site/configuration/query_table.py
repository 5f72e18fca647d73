"""How questions are answered: `config.QueryConfig`."""

from __future__ import annotations

from lightrag_site.configuration import kinds
from lightrag_site.configuration.setting import Setting

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
