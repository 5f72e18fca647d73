"""Loading times of the pages at 100,000 documents and 100,000 entities.

They are measured by the browser: the first byte, the first paint, and the end of the
scripts. Rows are created by set-based statements, without triggers: the AGE graph stays
empty.
"""

from __future__ import annotations

from statistics import median

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from tests.benchmarks import chromium_page

DOCUMENTS, ENTITIES, RELATIONS, CALLS = 100_000, 100_000, 400_000, 300_000
ROUNDS = 5
PASSWORD = "a-password-for-measuring"
PAGES = {
    "documents": "/webui/",
    "documents, failed": "/webui/?status=failed",
    "documents, by name": "/webui/?sort=file_path",
    "documents, page 1,000": "/webui/?page=1000",
    "documents, a name searched": "/webui/?q=report-77",
    "documents, a tag": "/webui/?tag=tag-7",
    "a document of 200 passages": "/webui/documents/doc-1/",
    "graph, the whole": "/webui/graph/",
    "graph, an entity": "/webui/graph/?label=Entity%207",
    "chat": "/webui/chat/",
    "admin": "/admin/",
    "admin, documents": "/admin/documents/document/",
    "admin, entities": "/admin/graph/entity/",
    "admin, an entity searched": "/admin/graph/entity/?q=entity+7777",
    "admin, relations": "/admin/graph/relation/",
    "admin, duplicates": "/admin/graph/entity/duplicates/",
}

# The text in brackets in each chunk: the name of an entity that looks like an
# abbreviation, as every fiftieth does.
SHORT = f"""'E' || translate((d.id * 7 % {ENTITIES} / 50 * 50 + 7)::text, '0123456789',
    'ABCDEFGHIJ')"""

# Every thousandth entity is a hub; the first document has 200 passages, the others one.
FILL = f"""
SET session_replication_role = replica;
INSERT INTO documents_document (workspace_id, public_id, name, status, source_path,
    content_summary, content_length, content_hash, track_id, chunks_count, error_msg,
    chunking, metadata, tags, cancelled, attempts, lease_owner, created_at, updated_at)
SELECT w.id, 'doc-' || n, 'report-' || n || '.txt', CASE WHEN n % 500 = 0 THEN 'failed'
    ELSE 'processed' END, '', 'A summary of what it is about.', 1200, md5(n::text),
    'upload_1', CASE n WHEN 1 THEN 200 ELSE 1 END,
    CASE WHEN n % 500 = 0 THEN 'The model did not answer.' ELSE '' END, '{{}}',
    jsonb_build_object('parse_start_time', n, 'parse_end_time', n + n % 3),
    CASE WHEN n % 10 = 0 THEN ARRAY['tag-' || n % 40] ELSE '{{}}'::text[] END,
    false, 0, '', now() - n * interval '1 minute', now() - n * interval '1 minute'
FROM documents_workspace w, generate_series(1, {DOCUMENTS}) AS n WHERE w.name = 'default';
INSERT INTO documents_chunk (workspace_id, document_id, "order", content, tokens, headings,
    content_hash)
SELECT d.workspace_id, d.id, m, 'Entity ' || d.id % {ENTITIES} || ' is related to Entity '
    || (d.id * 7 + m) % {ENTITIES} || ' (' || {SHORT} || '). '
    || repeat('Some words of it. ', 40),
    200, '{{}}', ''
FROM documents_document d, generate_series(0, 199) AS m WHERE m < d.chunks_count;
INSERT INTO graph_entity (workspace_id, name, entity_type, description, degree, fragments,
    summary, summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT w.id, CASE n % 50 WHEN 7 THEN 'E' || translate(n::text, '0123456789', 'ABCDEFGHIJ')
    ELSE 'Entity ' || n END, 'type ' || n % 7, 'What is known of it.', 0, 1, '', 0, 0,
    false, '', '', now(), now()
FROM documents_workspace w, generate_series(0, {ENTITIES - 1}) AS n
WHERE w.name = 'default';
INSERT INTO graph_relation (workspace_id, source_id, target_id, description, keywords,
    weight, fragments, summary, summary_upto, summary_count, manual,
    edited_description, edited_keywords, created_at, updated_at)
SELECT workspace_id, a, b, 'How they are related.', 'keyword', 1, 1, '', 0, 0, false, '', '',
    now(), now()
FROM (
    SELECT DISTINCT workspace_id, least(a, b) AS a, greatest(a, b) AS b FROM (
        SELECT workspace_id, first + n AS a, first + CASE m
            WHEN 1 THEN n - n % 1000 WHEN 2 THEN (n * 7919) % {ENTITIES}
            ELSE n - n % 100 + (n * m * 31 + m) % 100 END AS b
        FROM (SELECT workspace_id, min(id) AS first FROM graph_entity GROUP BY 1) AS e,
            generate_series(0, {ENTITIES - 1}) AS n, generate_series(1, 5) AS m
    ) AS ends WHERE a <> b
) AS distinct_ends LIMIT {RELATIONS};
INSERT INTO graph_entitymention (entity_id, chunk_id, mentioned_name, entity_type, description)
SELECT e.id, c.id, e.name, e.entity_type, 'It is named here.'
FROM documents_chunk c CROSS JOIN generate_series(0, 3) AS m
JOIN graph_entity e ON e.id = (SELECT min(id) FROM graph_entity)
    + (c.id * 7 + m * 13) % {ENTITIES};
INSERT INTO graph_relationmention (relation_id, chunk_id, mentioned_source, mentioned_target,
    description, keywords, weight)
SELECT r.id, (SELECT min(id) FROM documents_chunk) + r.id % {DOCUMENTS}, 'a', 'b',
    'How they are related.', 'keyword', 1
FROM graph_relation r;
INSERT INTO search_entity (index_id, entity_id, lexical, text_hash, name_key)
SELECT w.search_index, e.id, '', '', 'entity ' || (e.id - e.id % 50 * (e.id % 100 = 50)::int)
FROM graph_entity e JOIN documents_workspace w ON w.id = e.workspace_id;
INSERT INTO retrieval_llmcall (workspace_id, document, question, purpose, model,
    prompt_tokens, completion_tokens, seconds, created_at)
SELECT w.id, d.first + n % {DOCUMENTS}, '',
    (ARRAY['extract', 'extract', 'extract', 'summary', 'query', 'keywords'])[1 + n % 6],
    'fake', 900, 200, 0.5 + n % 90 / 30.0, now() - n * interval '5 seconds'
FROM documents_workspace w, (SELECT min(id) AS first FROM documents_document) AS d,
    generate_series(1, {CALLS}) AS n WHERE w.name = 'default';
UPDATE graph_entity e SET degree = d.n FROM (
    SELECT id, count(*) AS n FROM (
        SELECT source_id AS id FROM graph_relation
        UNION ALL SELECT target_id FROM graph_relation) AS ends GROUP BY id
) AS d WHERE d.id = e.id
"""

TIMES = """() => {
    const [at] = performance.getEntriesByType("navigation");
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return [at.responseStart, paint.startTime, at.domContentLoadedEventEnd];
}"""


def run(console: Console) -> None:
    """Print the table; print a message if there is no browser."""
    with chromium_page.opened(console, {"ADMIN_PASSWORD": PASSWORD}, FILL) as page:
        if page:
            log_in(page)
            console.print(measured(page))


def log_in(page: Page) -> None:
    """Log in to the admin; the browser keeps its cache between pages."""
    page.goto("/admin/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def measured(page: Page) -> Table:
    table = Table("page", "first byte ms", "first paint ms", "interactive ms")
    for name, path in PAGES.items():
        rounds = [times(page, path) for _ in range(ROUNDS + 1)][1:]
        table.add_row(
            name, *(f"{median(figures):.0f}" for figures in zip(*rounds, strict=True))
        )
    return table


def times(page: Page, path: str) -> tuple[float, ...]:
    page.goto(path)
    page.wait_for_function(
        "() => performance.getEntriesByName('first-contentful-paint').length"
    )
    return tuple(page.evaluate(TIMES))
