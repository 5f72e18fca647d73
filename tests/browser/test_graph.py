"""The graph page: view, filters, details, edits, Cypher and export."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.screenshots import Screenshots
from tests.browser.server import Site

GRAPH = "/webui/graph/"
PANEL = "#panel header h2"


def settle(page: Page) -> None:
    """Wait until the layout is stable."""
    expect(page.locator("#graph[data-settled='1']")).to_be_attached(timeout=30_000)


def open_graph(page: Page, path: str = GRAPH) -> None:
    page.goto(path)
    settle(page)


def search(page: Page, field: str, name: str) -> None:
    """Select the first suggestion."""
    page.fill(field, name)
    expect(page.locator(f"{field} + [role=listbox] li").first).to_be_visible()
    page.press(field, "Enter")


def size(page: Page) -> int:
    match = re.match(r"(\d+) entities", page.inner_text("#graph-size"))
    assert match
    return int(match[1])


@pytest.fixture
def filled(site: Site) -> str:
    """Return a new workspace with the test documents."""
    name = site.workspace()
    site.fill(name)
    return name


def test_an_entity_is_found_expanded_and_collapsed(
    page: Page, site: Site, screenshots: Screenshots
) -> None:
    open_graph(page)
    assert size(page) > 20
    search(page, "#name", site.samples.entity)
    expect(page.locator(PANEL)).to_have_text(site.samples.entity)
    settle(page)
    screenshots.take(page, "graph-entity")
    before = size(page)
    page.select_option("#depth", "1", force=True)
    page.click("[data-action=expand]")
    settle(page)
    assert size(page) <= before
    page.click("[data-action=collapse]")
    settle(page)
    page.click("[data-action=hide]")
    expect(page.locator("#panel")).to_be_hidden()
    assert size(page) < before


def test_colors_and_filters_limit_what_is_shown(page: Page, site: Site) -> None:
    open_graph(page)
    everything = size(page)
    page.select_option("#color-by", "community")
    expect(page.locator("#legend li").first).to_be_visible()
    page.select_option("#color-by", "kind")
    hidden = page.locator("#legend button").first
    hidden.click()
    expect(page.locator("#legend button").first).to_have_attribute(
        "aria-pressed", "false"
    )
    page.click("#filters > summary")
    search(page, "#document", site.samples.chinese)
    expect(page.locator("#filter-documents button")).to_have_count(1)
    expect(page.locator("#graph-size")).not_to_contain_text(f"{everything} entities")
    assert size(page) < everything
    page.click("#filter-documents button")
    expect(page.locator("#graph-size")).to_contain_text(f"{everything} entities")
    assert accessibility.findings(page) == []


def test_the_sources_of_a_relation_are_shown(page: Page, site: Site) -> None:
    open_graph(page, f"{GRAPH}?label={site.samples.entity}")
    expect(page.locator(PANEL)).to_have_text(site.samples.entity)
    page.locator("#panel .sources").first.click()
    expect(page.locator("#panel header")).to_have_attribute(
        "data-source", re.compile(".")
    )
    assert accessibility.findings(page) == []
    page.locator("#panel blockquote > a").first.click()
    expect(page).to_have_url(re.compile(r"/webui/documents/.+#chunk-\d+"))
    expect(page.locator(":target")).to_be_visible()


def test_the_shortest_path_is_listed(page: Page, site: Site) -> None:
    open_graph(page, f"{GRAPH}?label={site.samples.entity}")
    other = page.locator(".relations [data-entity]").first.inner_text()
    page.click("[data-action=path-from]")
    expect(page.locator("#from")).to_have_value(site.samples.entity)
    search(page, "#to", other)
    page.click("#path-form button")
    steps = page.locator("#path-steps li")
    expect(steps).to_have_text([site.samples.entity, other])


def test_entities_and_relations_are_created_changed_and_deleted(
    page: Page, site: Site, filled: str
) -> None:
    site.enter(page, filled)
    open_graph(page)
    page.click("[data-open=create-entity]")
    page.fill("#create-entity [name=name]", "A new thing")
    page.fill("#create-entity [name=description]", "Made by hand.")
    page.click("#create-entity .main")
    expect(page.locator(PANEL)).to_have_text("A new thing")
    page.click("[data-action=create-relation]")
    search(page, "#relation-target", site.samples.entity)
    page.fill("#create-relation [name=keywords]", "by hand")
    page.fill("#create-relation [name=description]", "They belong together.")
    page.click("#create-relation .main")
    expect(page.locator("#panel")).to_contain_text("They belong together.")
    page.click("[data-action=edit-relation]")
    page.fill("#edit-relation [name=description]", "They are akin.")
    page.click("#edit-relation .main")
    expect(page.locator("#panel")).to_contain_text("They are akin.")
    page.click("[data-action=delete-relation]")
    page.click("#delete-relation .danger")
    expect(page.locator("#panel")).to_be_hidden()
    search(page, "#name", "A new thing")
    page.click("[data-action=delete-entity]")
    page.click("#delete-entity .danger")
    expect(page.locator("#panel")).to_be_hidden()


def test_a_merge_is_previewed_done_and_undone(
    page: Page, site: Site, filled: str, screenshots: Screenshots
) -> None:
    site.enter(page, filled)
    open_graph(page, f"{GRAPH}?label={site.samples.entity}")
    into = page.locator(".relations [data-entity]").first.inner_text()
    page.click("[data-action=merge-entity]")
    search(page, "#into", into)
    expect(page.locator("#merge-preview h3")).to_have_text(into)
    expect(page.locator("#merge-preview")).to_contain_text(site.samples.entity)
    screenshots.take(page, "graph-merge")
    page.click("#merge-entity .main")
    expect(page.locator(PANEL)).to_have_text(into)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(PANEL)).to_have_text(site.samples.entity)


def test_a_cypher_result_is_a_table_and_a_graph(
    page: Page, screenshots: Screenshots
) -> None:
    open_graph(page)
    page.click("#open-cypher")
    page.select_option("#examples", index=1)
    page.click("#cypher-form button")
    expect(page.locator("#cypher-rows tbody tr").first).to_be_visible()
    settle(page)
    screenshots.take(page, "graph-cypher")
    assert accessibility.findings(page) == []


def test_the_graph_is_exported(page: Page) -> None:
    open_graph(page)
    page.click("#export summary")
    with page.expect_download() as picture:
        page.click("[data-export=png]")
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    page.click("#export summary")
    with page.expect_download() as file:
        page.click("[data-export=graphml]")
    graph = ElementTree.parse(file.value.path())
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(graph.findall(f".//{space}node")) == size(page)
    page.click("#export summary")
    with page.expect_download() as whole:
        page.get_by_role("link", name="Entire graph (GraphML)").click()
    everything = ElementTree.parse(whole.value.path())
    assert len(everything.findall(f".//{space}node")) >= size(page)


# In one call, so that no frame is drawn in between.
SHIFTED = """() => {
    const { sigma, graph } = document.getElementById("graph").graphView;
    const node = graph.nodes().reduce((a, b) => graph.degree(a) > graph.degree(b) ? a : b);
    const layer = sigma.getCanvases().edges;
    sigma.refresh();
    const before = sigma.graphToViewport(graph.getNodeAttributes(node));
    sigma.frameBudget.isExceeded = true;
    sigma.getCamera().setState({ x: 0.4, y: 0.55, ratio: 0.8 });
    const moved = new DOMMatrix(layer.style.transform).transformPoint(before);
    const wanted = sigma.graphToViewport(graph.getNodeAttributes(node),
        { cameraState: sigma.getCamera().getState() });
    const found = sigma.getNodeAtPosition(wanted) === node;
    sigma.render();
    return { off: Math.hypot(moved.x - wanted.x, moved.y - wanted.y), found,
        left: layer.style.transform, shifted: before.x !== moved.x };
}"""


def test_a_slowly_drawn_graph_is_moved_as_a_whole(page: Page, site: Site) -> None:
    open_graph(page)
    result = page.evaluate(SHIFTED)
    assert result["shifted"]
    assert result["off"] < 0.5
    assert result["found"], "the node at the pointer must be the visible one"
    assert result["left"] == "", "the graph must be drawn again at rest"


# The middle of a relation where no entity and no other relation is.
MIDDLE = """() => {
    const { sigma, graph } = document.getElementById("graph").graphView;
    const box = document.getElementById("graph").getBoundingClientRect();
    const at = (id) => sigma.graphToViewport(graph.getNodeAttributes(id));
    for (const edge of graph.edges()) {
        const [one, other] = graph.extremities(edge).map(at);
        const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
        if (Math.hypot(one.x - other.x, one.y - other.y) < 40) continue;
        if (sigma.getNodeAtPosition(middle)) continue;
        const view = document.getElementById("graph").graphView;
        if (view.edgeAt(middle) !== edge) continue;
        return { x: middle.x + box.x, y: middle.y + box.y,
            names: graph.extremities(edge).map((id) => view.nameOf(id)).sort() };
    }
    return null;
}"""


def test_a_click_on_a_relation_shows_its_details(page: Page, site: Site) -> None:
    open_graph(page, f"{GRAPH}?label={site.samples.entity}")
    page.click("[data-close-panel]")
    page.click("[data-zoom=fit]")
    page.wait_for_timeout(500)
    middle = page.evaluate(MIDDLE)
    page.mouse.click(middle["x"], middle["y"])
    header = page.locator("#panel header")
    expect(header).to_have_attribute("data-source", re.compile("."))
    ends = [header.get_attribute("data-source"), header.get_attribute("data-target")]
    assert sorted(str(end) for end in ends) == middle["names"]
