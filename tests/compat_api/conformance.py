"""Differences from LightRAG by operation, with reasons, and their documentation page.

`python -m tests.compat_api.conformance` writes docs/conformance.md anew. Tests hold the
server to this list, and the page to the list.
"""

from __future__ import annotations

from pathlib import Path

from tests.compat_api import contract

VERSIONS = ("1.4.4", "1.5.7")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"

ELSEWHERE = {
    "GET /": "a redirect; it is there, and not in our schema",
    "GET /api/version": "Ollama's dialect has a schema of its own",
    "GET /api/tags": "Ollama's dialect has a schema of its own",
    "GET /api/ps": "Ollama's dialect has a schema of its own",
    "POST /api/generate": "Ollama's dialect has a schema of its own",
    "POST /api/chat": "Ollama's dialect has a schema of its own",
}
"""Operations that exist, but are not in the schema of this dialect."""

TIGHTER = {
    "conversation_history": "128 messages: 1.5.7 says so outside of its schema",
    "query": "65,536 characters, from 1.5.7",
    "user_prompt": "65,536 characters, from 1.5.7",
    "response_type": "256 characters, from 1.5.7",
    "top_k": "1,000, from 1.5.7",
    "chunk_top_k": "1,000, from 1.5.7",
    "max_entity_tokens": "1,000,000, from 1.5.7",
    "max_relation_tokens": "1,000,000, from 1.5.7",
    "max_total_tokens": "1,000,000, from 1.5.7",
}
"""Body fields that accept less than the schema of one version, with the reason."""

ANSWERS = {
    ("1.5.7", "POST /documents/upload"): (
        "a name that is there already is answered 200 `duplicated`, as 1.4.4 does; "
        "1.5.7 answers 409. Folders are cut off a name, 1.5.7 refuses it; an empty file "
        "is 400, 1.5.7 takes it and fails later; `.[native]` reads every type; options "
        "of a hint that cannot work are refused at once"
    ),
    ("1.4.4", "DELETE /documents/delete_entity"): "also at 1.5.7's address",
    ("1.4.4", "DELETE /documents/delete_relation"): "also at 1.5.7's address",
    ("1.5.7", "DELETE /documents/delete_document"): (
        "done when it is answered; never `busy`, for it needs no other job to end"
    ),
    ("1.5.7", "DELETE /documents"): (
        "never `busy`, for it needs no other job to end; files in `__parsed__` go too"
    ),
    ("1.5.7", "GET /documents/pipeline_status"): (
        "history goes on from job to job; a job that is over is what one call handed in, "
        "or one deletion; `update_status` is empty: nothing is kept in "
        "processes"
    ),
    ("1.5.7", "POST /documents/text"): (
        "also without a `file_source`, as 1.4.4; one of dots alone is refused"
    ),
    ("1.5.7", "POST /documents/texts"): (
        "also without `file_sources`, as 1.4.4; a bad entry is located by its number"
    ),
    ("1.5.7", "POST /documents/reprocess_failed"): (
        "the message tells how many were queued"
    ),
    ("1.5.7", "POST /documents/cancel_pipeline"): (
        "the message tells how many were cancelled"
    ),
    ("1.4.4", "POST /documents/clear_cache"): (
        "`modes` clears only theirs, as 1.4.4; the body may be left out"
    ),
    ("1.5.7", "GET /documents/scan/status/{track_id}"): (
        "`counts` has our kinds beside `discovered`; `samples` are counted, not named"
    ),
    ("1.5.7", "GET /documents/supported_file_types"): (
        "more types, and both engines read all of them"
    ),
    ("1.5.7", "POST /graph/entity/edit"): (
        "never 409 for a busy pipeline; `source_id` and `file_path` have no effect: "
        "they follow from the documents; an empty `entity_type` gives back theirs; a "
        "field of the wrong kind is 422 and located, LightRAG answers 400"
    ),
    ("1.5.7", "POST /graph/relation/edit"): "the same",
    ("1.5.7", "POST /graph/entity/create"): (
        "a field of the wrong kind is 422 and located, LightRAG answers 400"
    ),
    ("1.5.7", "POST /graph/relation/create"): "the same",
    ("1.5.7", "POST /graph/entities/merge"): (
        "never 409 for a busy pipeline; weights of parallel relations are added up, "
        "LightRAG takes the largest; names given up become aliases; a description is "
        "never joined with itself; the first type that is known is kept"
    ),
    ("1.5.7", "GET /ui/customization"): (
        "the description is empty where WEBUI_DESCRIPTION is not set"
    ),
    ("1.5.7", "POST /documents/scan"): "accepted while documents are processed",
    ("1.5.7", "GET /documents/source_conflicts"): (
        "always empty: a name is unique in a workspace"
    ),
    ("1.5.7", "POST /documents/source_conflicts/repair"): (
        "always 409: there is never a conflict"
    ),
    ("1.5.7", "POST /documents/recovery/force_reset"): (
        "always `no_recovery_required`: every change is one transaction"
    ),
    ("1.5.7", "GET /documents/track_status/{track_id}"): (
        "`status_summary` has the statuses' names, not `DocStatus.PROCESSED`"
    ),
    ("1.5.7", "POST /query"): (
        "a provider's failure is 502 (429, 503, 504) with its reason; LightRAG "
        "answers 200 and says that nothing was found. `bypass` heeds `only_need_prompt` "
        "and `only_need_context`. A bad message of the history is located by its number"
    ),
    ("1.5.7", "POST /query/stream"): (
        "the same, and a last line `error` in mid-stream; `generating_response` is told "
        "in every mode"
    ),
    (
        "1.5.7",
        "POST /query/data",
    ): "the same; LightRAG answers a provider's failure 500",
    ("1.5.7", "GET /health"): (
        "no metrics of locks and in-process queues: there are none; `/metrics` has ours"
    ),
}
"""Responses of the same form with different content, with the reason."""


def page() -> str:
    """Return the page, one line for each operation."""
    names = {version: list(contract.load(version)) for version in VERSIONS}
    every = sorted({name for some in names.values() for name in some}, key=_by_path)
    lines = [_line(name, [v for v in VERSIONS if name in names[v]]) for name in every]
    bounds = [f"| `{field}` | {reason} |" for field, reason in TIGHTER.items()]
    return "\n".join([*HEAD, *lines, *MIDDLE, *bounds, ""])


def _by_path(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return path, method


def _line(name: str, versions: list[str]) -> str:
    reasons = [ELSEWHERE.get(name, "")]
    reasons += [ANSWERS.get((version, name), "") for version in VERSIONS]
    said = "; ".join(reason for reason in reasons if reason)
    return f"| `{name}` | {', '.join(versions)} | {said or 'nothing'} |"


HEAD = (
    "# How we differ from LightRAG's API",
    "",
    "Made by `python -m tests.compat_api.conformance`, and held to the server by tests:",
    "every operation of LightRAG 1.4.4 and 1.5.7 is called, its answer is validated by",
    "LightRAG's own schema, and parameters and bodies are compared field by field.",
    "",
    "| operation | in | what differs |",
    "|---|---|---|",
)
MIDDLE = (
    "",
    "Everywhere: the query parameter `api_key_header_value` is a way to authenticate and",
    "not in our schema; the header `LIGHTRAG-WORKSPACE` chooses the workspace. A server",
    "that asks nobody who they are lets anybody in, whatever bearer token they bring, for",
    "OpenAI's clients always send one; LightRAG answers 401 to a token it does not know.",
    "",
    "| field of a body | its bound |",
    "|---|---|",
)

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
