"""Frames a second of the graph page at 5,000 entities and 20,000 relations.

The browser's own clock counts what it paints while the pointer drags: one entity, then
the whole picture. Without a graphics card a processor draws, so the frames are a floor; the
time of the page's own scripts is not.
"""

from __future__ import annotations

import shutil

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
SECONDS = 6

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

# Each step moves the pointer, lets sigma draw, and waits until it is drawn: without that a
# browser that draws in software counts frames it has not shown yet. `script` is the part of
# the page's own code, which is the same on every graphics card.
DRAG = """async ({ x, y, seconds }) => {
    const { sigma } = document.getElementById("graph").picture;
    const layer = document.querySelector(".sigma-mouse");
    const frame = () => new Promise(requestAnimationFrame);
    const fire = (kind, x, y) => layer.dispatchEvent(new MouseEvent(kind,
        { bubbles: true, cancelable: true, clientX: x, clientY: y, buttons: 1 }));
    const drawn = () => {
        for (const gl of Object.values(sigma.webGLContexts))
            gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    };
    fire("mousemove", x, y);
    fire("mousedown", x, y);
    const found = { frames: [], scripts: [] };
    const end = performance.now() + seconds * 1000;
    for (let step = 0; performance.now() < end; step += 1) {
        const began = performance.now();
        const first = frame().then(() => performance.now());
        fire("mousemove", x + step % 50 * 3, y - step % 40 * 3);
        const moved = performance.now() - began;
        const [start] = await Promise.all([first, frame()]);
        found.scripts.push(moved + performance.now() - start);
        drawn();
        found.frames.push(performance.now() - began);
    }
    fire("mouseup", x, y);
    return found;
}"""
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
    table = Table("graph page", "script ms", "p95", "frame ms", "p95", "frames/s")
    page.goto(f"{url}/webui/graph/")
    page.click("#view > summary")
    page.select_option("#nodes", str(ENTITIES))
    page.wait_for_selector("#graph[data-settled='']", state="attached")
    page.wait_for_selector(
        "#graph[data-settled='1']", state="attached", timeout=120_000
    )
    page.click("#view > summary")
    at: dict[str, float] = page.evaluate(WHERE)
    table.add_row("a hub dragged", *dragged(page, at["x"], at["y"]))
    table.add_row("all dragged", *dragged(page, at["left"] + 60, 880))
    table.caption = page.inner_text("#size")
    return table


def dragged(page: Page, x: float, y: float) -> list[str]:
    """Medians and 95th parts of a hundred, and frames a second."""
    wanted = {"x": x, "y": y, "seconds": SECONDS}
    found: dict[str, list[float]] = page.evaluate(DRAG, wanted)
    scripts, frames = sorted(found["scripts"]), sorted(found["frames"])
    figures = [
        some[int(len(some) * part)]
        for some in (scripts, frames)
        for part in (0.5, 0.95)
    ]
    return [
        *(f"{one:.1f}" for one in figures),
        f"{1000 * len(frames) / sum(frames):.1f}",
    ]
