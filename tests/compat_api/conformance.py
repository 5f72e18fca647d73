"""Differences from LightRAG by operation, with reasons, and their documentation page.

`python -m tests.compat_api.conformance` writes docs/conformance.md. Tests compare the
server with this list, and the page with the list.
"""

from __future__ import annotations

from pathlib import Path

from tests.compat_api import contract

VERSIONS = ("1.4.4", "1.5.7")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"

TIGHTER = {
    "conversation_history": "128 messages: 1.5.7 has this limit, but not in its schema",
    "username": "256 characters",
    "password": "1,024 characters, because it is hashed",
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
    ("1.4.4", "POST /api/chat"): (
        "404 for an unknown model, as Ollama answers; LightRAG ignores the name. The answer "
        "ends with the list of cited files (CHAT_SOURCE_LIST)"
    ),
    ("1.5.7", "POST /documents/upload"): (
        "an existing name gives 200 `duplicated`, as in 1.4.4; 1.5.7 answers 409. "
        "Folders are removed from a name, 1.5.7 rejects it; the form field `path`, which "
        "only this server has, keeps them; an empty file gives 400, 1.5.7 accepts it "
        "and fails later; `.[native]` parses every type; invalid options of a hint are "
        "rejected immediately"
    ),
    ("1.4.4", "DELETE /documents/delete_entity"): "also at the URL of 1.5.7",
    ("1.4.4", "DELETE /documents/delete_relation"): "also at the URL of 1.5.7",
    ("1.5.7", "DELETE /documents/delete_document"): (
        "completed before the response; never `busy`, because it does not wait for "
        "running jobs"
    ),
    ("1.5.7", "DELETE /documents"): (
        "never `busy`, because it does not wait for running jobs; also "
        "deletes files in `__parsed__`"
    ),
    ("1.5.7", "GET /documents/pipeline_status"): (
        "the history spans jobs; a finished job is the documents of one upload, or one "
        "deletion; `update_status` is empty, because processes hold no state"
    ),
    ("1.5.7", "POST /documents/text"): (
        "also without a `file_source`, as in 1.4.4; a name of only dots is rejected"
    ),
    ("1.5.7", "POST /documents/texts"): (
        "also without `file_sources`, as in 1.4.4; an error names the number of the entry"
    ),
    ("1.5.7", "POST /documents/reprocess_failed"): (
        "the message contains the number of queued documents"
    ),
    ("1.5.7", "POST /documents/cancel_pipeline"): (
        "the message contains the number of cancelled documents"
    ),
    ("1.4.4", "POST /documents/clear_cache"): (
        "`modes` clears only these modes, as in 1.4.4; the body is optional"
    ),
    ("1.5.7", "GET /documents/scan/status/{track_id}"): (
        "`counts` has our own groups in addition to `discovered`; `samples` has numbers, "
        "no names"
    ),
    ("1.5.7", "GET /documents/supported_file_types"): (
        "more types, and both engines parse all of them"
    ),
    ("1.5.7", "POST /graph/entity/edit"): (
        "never 409 for a busy pipeline; `source_id` and `file_path` have no effect, "
        "because they are derived from the documents; an empty `entity_type` restores the "
        "type from the documents; a field of a wrong type gives 422 with its location, "
        "LightRAG answers 400"
    ),
    ("1.5.7", "POST /graph/relation/edit"): "the same",
    ("1.5.7", "POST /graph/entity/create"): (
        "a field of a wrong type gives 422 with its location, LightRAG answers 400"
    ),
    ("1.5.7", "POST /graph/relation/create"): "the same",
    ("1.5.7", "POST /graph/entities/merge"): (
        "never 409 for a busy pipeline; weights of parallel relations are added, "
        "LightRAG takes the largest; merged names become aliases; equal descriptions "
        "are not repeated; the first known type is kept"
    ),
    ("1.5.7", "GET /ui/customization"): (
        "the description is empty if WEBUI_DESCRIPTION is not set"
    ),
    ("1.5.7", "POST /documents/scan"): "accepted while documents are processed",
    ("1.5.7", "GET /documents/source_conflicts"): (
        "always empty, because a name is unique in a workspace"
    ),
    ("1.5.7", "POST /documents/source_conflicts/repair"): (
        "always 409, because there is never a conflict"
    ),
    ("1.5.7", "POST /documents/recovery/force_reset"): (
        "always `no_recovery_required`, because every change is one transaction"
    ),
    ("1.5.7", "GET /documents/track_status/{track_id}"): (
        "`status_summary` has the names of the statuses, not `DocStatus.PROCESSED`"
    ),
    ("1.5.7", "POST /query"): (
        "a provider's failure gives 502 (429, 503, 504) with its reason; LightRAG "
        "answers 200 with the text that nothing was found. `bypass` supports "
        "`only_need_prompt` and `only_need_context`. An error in the history names the "
        "number of the message"
    ),
    ("1.5.7", "POST /query/stream"): (
        "the same; a failure during the stream is a last line `error`; "
        "`generating_response` is sent in every mode"
    ),
    (
        "1.5.7",
        "POST /query/data",
    ): "the same; LightRAG answers 500 for a provider's failure",
    ("1.5.7", "GET /health"): (
        "no metrics of locks and in-process queues, which this server does not have; see "
        "`/metrics`"
    ),
}
"""Responses of the same form with different content, with the reason."""


def page() -> str:
    """Return the page, one line for each operation."""
    names = {version: list(contract.load(version)) for version in VERSIONS}
    all_names = {name for version in names.values() for name in version}
    lines = [
        _line(name, [v for v in VERSIONS if name in names[v]])
        for name in sorted(all_names, key=_by_path)
    ]
    bounds = [f"| `{field}` | {reason} |" for field, reason in TIGHTER.items()]
    return "\n".join([*HEAD, *lines, *MIDDLE, *bounds, ""])


def _by_path(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return path, method


def _line(name: str, versions: list[str]) -> str:
    reasons = [ANSWERS.get((version, name), "") for version in VERSIONS]
    difference = "; ".join(reason for reason in reasons if reason)
    return f"| `{name}` | {', '.join(versions)} | {difference or 'none'} |"


HEAD = (
    "# Differences from LightRAG's API",
    "",
    "Generated by `python -m tests.compat_api.conformance` and verified by tests: they call",
    "every operation of LightRAG 1.4.4 and 1.5.7, validate its response with LightRAG's own",
    "schema, and compare parameters and bodies field by field.",
    "",
    "| operation | version | difference |",
    "|---|---|---|",
)
MIDDLE = (
    "",
    "All operations: the query parameter `api_key_header_value` is a security scheme in our",
    "schema, not a parameter; the header `LIGHTRAG-WORKSPACE` selects the workspace. A server",
    "without authentication ignores invalid bearer tokens, because OpenAI's clients always",
    "send one; LightRAG answers 401.",
    "",
    "| field of a body | limit |",
    "|---|---|",
)

if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
