"""Frames a second of the graph page at 5,000 entities and 20,000 relations.

The browser's own clock counts what it paints while the pointer drags: the whole picture,
then one entity. Without a graphics card a processor draws, so the figures are a floor.
"""

from __future__ import annotations

import shutil
from typing import Any

import psycopg
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from lightrag_site import places
from tests import live_server
from tests.live_server import LiveServer

ENTITIES, RELATIONS = 5_000, 20_000
VARIABLES = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "MAX_GRAPH_NODES": str(ENTITIES),
    "LOG_LEVEL": "WARNING",
}
FLAGS = (
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--use-gl=angle",
    "--use-angle=swiftshader",
)
SECONDS = 4

# Hubs and communities, as graphs of documents have them: an entity is related within its
# hundred, mostly to the first of it, and now and then to anywhere.
FILL = f"""
INSERT INTO graph_entity (workspace_id, name, entity_type, description, degree,
    fragments, summary, summary_upto, summary_count, manual, edited_type,
    edited_description, created_at, updated_at)
SELECT w.id, 'Entity ' || n, 'type ' || n % 7, 'Words.', 0, 0, '', 0, 0, false, '', '',
    now(), now()
FROM documents_workspace w, generate_series(0, {ENTITIES - 1}) AS n
WHERE w.name = 'default';
INSERT INTO graph_relation (workspace_id, source_id, target_id, description, keywords,
    weight, fragments, summary, summary_upto, summary_count, manual,
    edited_description, edited_keywords, created_at, updated_at)
SELECT workspace_id, least(a, b), greatest(a, b), 'Words.', 'keyword', 1, 0, '', 0, 0,
    false, '', '', now(), now()
FROM (
    SELECT DISTINCT workspace_id, least(a, b) AS a, greatest(a, b) AS b FROM (
        SELECT workspace_id, first + n AS a, first + CASE WHEN m % 9 = 0
            THEN (n * 7919 + m * 104729) % {ENTITIES}
            ELSE n - n % 100 + (n % 100) * (m * 37 % 100) / 100 END AS b
        FROM (SELECT workspace_id, min(id) AS first FROM graph_entity GROUP BY 1) AS e,
            generate_series(0, {ENTITIES - 1}) AS n, generate_series(1, 9) AS m
    ) AS ends WHERE a <> b ORDER BY 2, 3 LIMIT {RELATIONS * 2}
) AS distinct_ends ORDER BY hashint8(a * 31 + b) LIMIT {RELATIONS};
UPDATE graph_entity e SET degree = d.n FROM (
    SELECT id, count(*) AS n FROM (
        SELECT source_id AS id FROM graph_relation
        UNION ALL SELECT target_id FROM graph_relation) AS ends GROUP BY id
) AS d WHERE d.id = e.id
"""

COUNT = """seconds => new Promise(resolve => {
    const gaps = [];
    let last = performance.now();
    const end = last + seconds * 1000;
    const frame = now => {
        gaps.push(now - last);
        last = now;
        if (now < end) requestAnimationFrame(frame);
        else resolve(gaps.slice(1).sort((a, b) => a - b));
    };
    requestAnimationFrame(frame);
})"""
WHERE = """() => {
    const { sigma, graph } = document.getElementById("graph").picture;
    const box = document.getElementById("graph").getBoundingClientRect();
    const hub = graph.nodes().reduce((a, b) => graph.degree(a) > graph.degree(b) ? a : b);
    const { x, y } = sigma.graphToViewport(graph.getNodeAttributes(hub));
    return { x: x + box.x, y: y + box.y, width: box.width, left: box.x, top: box.y };
}"""


def run(console: Console) -> None:
    """Says so, and measures nothing, where there is no browser."""
    path = shutil.which("chromium")
    if not path:
        console.print("graph page: chromium is not installed")
        return
    with live_server.started(VARIABLES) as server, sync_playwright() as playwright:
        fill(server)
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        console.print(measured(page, str(server.client.base_url)))
        browser.close()


def fill(server: LiveServer) -> None:
    server.client.get("/graph/label/list").raise_for_status()  # makes the workspace
    socket = places.of(server.folder / "rag_storage").postgres_socket_dir
    where = f"host={socket} user=postgres dbname=lightrag"
    with psycopg.connect(where) as database:
        database.execute(FILL)


def measured(page: Page, url: str) -> Table:
    table = Table("graph page", "median frame ms", "p95 ms", "frames/s", "")
    page.goto(f"{url}/webui/graph/")
    page.click("#view > summary")
    page.select_option("#nodes", str(ENTITIES))
    page.wait_for_selector("#graph[data-settled='']", state="attached")
    page.wait_for_selector("#graph[data-settled='1']", state="attached", timeout=90_000)
    page.click("#view > summary")
    said = page.inner_text("#size")
    at: dict[str, float] = page.evaluate(WHERE)
    table.add_row("at rest", *shown(gaps(page, 0, 0)), said)
    table.add_row("one entity dragged", *shown(gaps(page, at["x"], at["y"])), "a hub")
    table.add_row("all dragged", *shown(gaps(page, at["left"] + 60, 880)), "")
    return table


def gaps(page: Page, x: float, y: float) -> list[float]:
    """Milliseconds between the frames while the pointer drags what lies at x, y."""
    page.evaluate(f"window.counted = ({COUNT})({SECONDS})")
    if x:
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(SECONDS * 25):
            page.mouse.move(x + step % 50 * 3, y - step % 40 * 3)
        page.mouse.up()
    found: list[float] = page.evaluate("window.counted")
    return found


def shown(found: list[float]) -> tuple[Any, ...]:
    median, late = found[len(found) // 2], found[int(len(found) * 0.95)]
    return f"{median:.1f}", f"{late:.1f}", f"{1000 * len(found) / sum(found):.0f}"
