"""The graph page: looked at, narrowed, and mended in place."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.served import Site
from tests.browser.shots import Shots

GRAPH = "/webui/graph/"
PANEL = "#panel header h2"


def settle(page: Page) -> None:
    """Until nothing moves any more."""
    expect(page.locator("#graph[data-settled='1']")).to_be_attached(timeout=30_000)


def look(page: Page, path: str = GRAPH) -> None:
    page.goto(path)
    settle(page)


def search(page: Page, field: str, name: str) -> None:
    """Take the first suggestion."""
    page.fill(field, name)
    expect(page.locator(f"{field} + [role=listbox] li").first).to_be_visible()
    page.press(field, "Enter")


def size(page: Page) -> int:
    found = re.match(r"(\d+) entities", page.inner_text("#size"))
    assert found
    return int(found[1])


@pytest.fixture
def filled(site: Site) -> str:
    """A workspace of one's own with the material in it."""
    name = site.workspace()
    site.fill(name)
    return name


def test_an_entity_is_found_expanded_and_collapsed(
    page: Page, site: Site, shots: Shots
) -> None:
    look(page)
    assert size(page) > 20
    search(page, "#name", site.material.entity)
    expect(page.locator(PANEL)).to_have_text(site.material.entity)
    settle(page)
    shots.take(page, "graph-entity")
    before = size(page)
    page.select_option("#depth", "1", force=True)
    page.click("[data-do=expand]")
    settle(page)
    assert size(page) <= before
    page.click("[data-do=collapse]")
    settle(page)
    page.click("[data-do=hide]")
    expect(page.locator("#panel")).to_be_hidden()
    assert size(page) < before


def test_colours_and_filters_narrow_what_is_shown(page: Page, site: Site) -> None:
    look(page)
    everything = size(page)
    page.select_option("#colour", "community")
    expect(page.locator("#legend li").first).to_be_visible()
    page.select_option("#colour", "kind")
    hidden = page.locator("#legend button").first
    hidden.click()
    expect(page.locator("#legend button").first).to_have_attribute(
        "aria-pressed", "false"
    )
    page.click("#view > summary")
    search(page, "#document", site.material.chinese)
    expect(page.locator("#chosen button")).to_have_count(1)
    expect(page.locator("#size")).not_to_contain_text(f"{everything} entities")
    assert size(page) < everything
    page.click("#chosen button")
    expect(page.locator("#size")).to_contain_text(f"{everything} entities")
    assert accessibility.findings(page) == []


def test_the_passage_behind_a_relation_is_one_click_away(
    page: Page, site: Site
) -> None:
    look(page, f"{GRAPH}?label={site.material.entity}")
    expect(page.locator(PANEL)).to_have_text(site.material.entity)
    page.locator(".why").first.click()
    expect(page.locator("#panel header")).to_have_attribute("data-one", re.compile("."))
    assert accessibility.findings(page) == []
    page.locator("#panel blockquote > a").first.click()
    expect(page).to_have_url(re.compile(r"/webui/documents/.+#chunk-\d+"))
    expect(page.locator(":target")).to_be_visible()


def test_the_shortest_path_is_told_step_by_step(page: Page, site: Site) -> None:
    look(page, f"{GRAPH}?label={site.material.entity}")
    other = page.locator(".relations [data-go]").first.inner_text()
    page.click("[data-do=from]")
    expect(page.locator("#from")).to_have_value(site.material.entity)
    search(page, "#to", other)
    page.click("#path button")
    steps = page.locator("#found-path li")
    expect(steps).to_have_text([site.material.entity, other])


def test_entities_and_relations_are_made_changed_and_deleted(
    page: Page, site: Site, filled: str
) -> None:
    site.enter(page, filled)
    look(page)
    page.click("[data-open=create]")
    page.fill("#create [name=name]", "A new thing")
    page.fill("#create [name=description]", "Made by hand.")
    page.click("#create .main")
    expect(page.locator(PANEL)).to_have_text("A new thing")
    page.click("[data-do=relate]")
    search(page, "#other", site.material.entity)
    page.fill("#relate [name=keywords]", "by hand")
    page.fill("#relate [name=description]", "They belong together.")
    page.click("#relate .main")
    expect(page.locator("#panel")).to_contain_text("They belong together.")
    page.click("[data-do=edit-relation]")
    page.fill("#edit-relation [name=description]", "They are akin.")
    page.click("#edit-relation .main")
    expect(page.locator("#panel")).to_contain_text("They are akin.")
    page.click("[data-do=remove-relation]")
    page.click("#remove-relation .danger")
    expect(page.locator("#panel")).to_be_hidden()
    search(page, "#name", "A new thing")
    page.click("[data-do=remove]")
    page.click("#remove .danger")
    expect(page.locator("#panel")).to_be_hidden()


def test_a_merge_is_foreseen_done_and_undone(
    page: Page, site: Site, filled: str, shots: Shots
) -> None:
    site.enter(page, filled)
    look(page, f"{GRAPH}?label={site.material.entity}")
    into = page.locator(".relations [data-go]").first.inner_text()
    page.click("[data-do=merge]")
    search(page, "#into", into)
    expect(page.locator("#foreseen h3")).to_have_text(into)
    expect(page.locator("#foreseen")).to_contain_text(site.material.entity)
    shots.take(page, "graph-merge")
    page.click("#merge .main")
    expect(page.locator(PANEL)).to_have_text(into)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(PANEL)).to_have_text(site.material.entity)


def test_cypher_is_answered_as_a_table_and_a_picture(page: Page, shots: Shots) -> None:
    look(page)
    page.click("#open-cypher")
    page.select_option("#examples", index=1)
    page.click("#ask-cypher button")
    expect(page.locator("#rows tbody tr").first).to_be_visible()
    settle(page)
    shots.take(page, "graph-cypher")
    assert accessibility.findings(page) == []


def test_what_is_shown_is_saved(page: Page) -> None:
    look(page)
    page.click("#save summary")
    with page.expect_download() as picture:
        page.click("[data-save=png]")
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    page.click("#save summary")
    with page.expect_download() as file:
        page.click("[data-save=graphml]")
    graph = ElementTree.parse(file.value.path())
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(graph.findall(f".//{space}node")) == size(page)
    page.click("#save summary")
    with page.expect_download() as whole:
        page.get_by_role("link", name="The whole graph (GraphML)").click()
    everything = ElementTree.parse(whole.value.path())
    assert len(everything.findall(f".//{space}node")) >= size(page)


# All in one go, so that no frame comes between.
SHIFTED = """() => {
    const { sigma, graph } = document.getElementById("graph").picture;
    const node = graph.nodes().reduce((a, b) => graph.degree(a) > graph.degree(b) ? a : b);
    const layer = sigma.getCanvases().edges;
    sigma.refresh();
    const before = sigma.graphToViewport(graph.getNodeAttributes(node));
    sigma.pace.slow = true;
    sigma.getCamera().setState({ x: 0.4, y: 0.55, ratio: 0.8 });
    const moved = new DOMMatrix(layer.style.transform).transformPoint(before);
    const wanted = sigma.graphToViewport(graph.getNodeAttributes(node),
        { cameraState: sigma.getCamera().getState() });
    const found = sigma.getNodeAtPosition(wanted) === node;
    sigma.render();
    return { off: Math.hypot(moved.x - wanted.x, moved.y - wanted.y), found,
        left: layer.style.transform, shifted: before.x !== moved.x };
}"""


def test_a_picture_that_is_drawn_slowly_is_moved_as_a_whole(
    page: Page, site: Site
) -> None:
    look(page)
    seen = page.evaluate(SHIFTED)
    assert seen["shifted"]
    assert seen["off"] < 0.5
    assert seen["found"], "the pointer must find what is seen below it"
    assert seen["left"] == "", "at rest the picture is drawn anew"


# An entity with one relation, and the middle of that relation, where nothing else lies.
MIDDLE = """() => {
    const { sigma, graph } = document.getElementById("graph").picture;
    const box = document.getElementById("graph").getBoundingClientRect();
    const at = (id) => sigma.graphToViewport(graph.getNodeAttributes(id));
    for (const edge of graph.edges()) {
        const [one, other] = graph.extremities(edge).map(at);
        const middle = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
        if (Math.hypot(one.x - other.x, one.y - other.y) < 40) continue;
        if (sigma.getNodeAtPosition(middle)) continue;
        const picture = document.getElementById("graph").picture;
        if (picture.edgeAt(middle) !== edge) continue;
        return { x: middle.x + box.x, y: middle.y + box.y,
            names: graph.extremities(edge).map((id) => picture.name(id)).sort() };
    }
    return null;
}"""


def test_a_click_on_a_relation_tells_of_it(page: Page, site: Site) -> None:
    look(page, f"{GRAPH}?label={site.material.entity}")
    page.click("[data-shut-panel]")
    page.click("[data-zoom=fit]")
    page.wait_for_timeout(500)
    middle = page.evaluate(MIDDLE)
    page.mouse.click(middle["x"], middle["y"])
    header = page.locator("#panel header")
    expect(header).to_have_attribute("data-one", re.compile("."))
    ends = [header.get_attribute("data-one"), header.get_attribute("data-other")]
    assert sorted(str(end) for end in ends) == middle["names"]
