"""Frames per second of the graph page at 5,000 entities and 20,000 relations.

It is measured without a graphics card, so it is a lower bound. The browser's trace
contains the frames that were shown. `requestAnimationFrame` is not used, because its
callbacks continue while the drawing is seconds behind.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from tests.benchmarks import chromium_page

ENTITIES, RELATIONS = 5_000, 20_000
SECONDS = 5
SHOWN = "Display::DrawAndSwap"
Act = Callable[[Page, int], None]

# Hubs and communities, as in graphs of documents: an entity is related to entities of its
# hundred, mostly to the first one, and sometimes to any other entity.
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

WHERE = """() => {
    const { sigma, graph } = document.getElementById("graph").graphView;
    const box = document.getElementById("graph").getBoundingClientRect();
    const hub = graph.nodes().reduce((a, b) => graph.degree(a) > graph.degree(b) ? a : b);
    const { x, y } = sigma.graphToViewport(graph.getNodeAttributes(hub));
    return { x: x + box.x, y: y + box.y, width: box.width, left: box.x, top: box.y };
}"""


# Each part drawn alone, five times; reading a pixel waits for the end of the drawing.
PARTS = """() => {
    const { sigma } = document.getElementById("graph").graphView;
    const wait = () => {
        for (const gl of Object.values(sigma.webGLContexts))
            gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    };
    const drawn = (draw) => {
        wait();
        const began = performance.now();
        draw();
        wait();
        return performance.now() - began;
    };
    const median = (draw) => [1, 2, 3, 4, 5].map(() => drawn(draw)).sort((a, b) => a - b)[2];
    const all = (programs) => () => {
        sigma.clear();
        for (const one of Object.values(programs)) one.render(sigma.getRenderParams());
    };
    const parts = {
        relations: median(all(sigma.edgePrograms)),
        entities: median(all(sigma.nodePrograms)),
        names: median(() => sigma.renderLabels()),
        "the whole": median(() => sigma.render()),
    };
    sigma.refresh();
    return parts;
}"""


def run(console: Console) -> None:
    """Print the tables; print a message if there is no browser."""
    variables = {"MAX_GRAPH_NODES": str(ENTITIES)}
    with chromium_page.opened(console, variables, FILL) as page:
        if page:
            show(page)
            console.print(parts(page))
            console.print(frames(page))


def show(page: Page) -> None:
    """Show all entities and relations, and wait until the layout is stable."""
    page.goto("/webui/graph/")
    page.click("#filters > summary")
    page.select_option("#nodes", str(ENTITIES))
    page.wait_for_function(
        """(entities) => {
            const graph = document.getElementById("graph");
            return graph.graphView.graph.order === entities && graph.dataset.settled;
        }""",
        arg=ENTITIES,
        timeout=120_000,
    )
    page.click("#filters > summary")


def parts(page: Page) -> Table:
    table = Table("graph page: one full drawing of", "ms")
    page.wait_for_timeout(2000)  # until the last frame of the layout is shown
    times: dict[str, float] = page.evaluate(PARTS)
    for name, took in times.items():
        table.add_row(name, f"{took:.1f}")
    table.caption = page.inner_text("#size")
    return table


def frames(page: Page) -> Table:
    table = Table("graph page", "frames/s", "ms between two", "95 of 100", "longest")
    at: dict[str, float] = page.evaluate(WHERE)
    middle = at["left"] + at["width"] / 2
    table.add_row("a hub dragged", *dragged(page, at["x"], at["y"]))
    table.add_row("all dragged", *dragged(page, at["left"] + 60, 620))
    page.mouse.move(middle, 450)
    table.add_row("zoomed in and out", *shown(page, zoom))
    return table


def dragged(page: Page, x: float, y: float) -> list[str]:
    page.mouse.move(x, y)
    page.wait_for_timeout(1000)
    page.mouse.down()
    figures = shown(
        page, lambda page, step: page.mouse.move(x - step % 40 * 3, y + step % 50 * 3)
    )
    page.mouse.up()
    page.wait_for_timeout(1000)
    return figures


def zoom(page: Page, step: int) -> None:
    page.mouse.wheel(0, -100 if step % 8 < 4 else 100)
    page.wait_for_timeout(100)


def shown(page: Page, act: Act) -> list[str]:
    """Repeat an action; return frames per second and the times between two frames."""
    browser = page.context.browser
    assert browser
    browser.start_tracing(categories=["viz"])
    began, step = time.monotonic(), 0
    while time.monotonic() - began < SECONDS:
        act(page, step)
        step += 1
    took = time.monotonic() - began
    events = json.loads(browser.stop_tracing())["traceEvents"]
    times = sorted(event["ts"] / 1000 for event in events if event["name"] == SHOWN)
    gaps = sorted(after - before for before, after in pairwise(times))
    chosen = (gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.95)], gaps[-1])
    return [f"{len(times) / took:.1f}", *(f"{gap:.0f}" for gap in chosen)]
