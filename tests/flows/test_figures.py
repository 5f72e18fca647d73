"""Figures on a real server with a vision model: described, found, cited, deleted."""

from __future__ import annotations

import io
from collections.abc import Iterator

import fpdf
import httpx
import pytest

from retrieval.llm.testing import stand_in
from tests import live_server
from tests.documents.make_files import one_color
from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Answer, Provider, ReceivedRequest

DESCRIPTIONS = {
    "blue": "A bar chart of the yield: the Zanzibar Plot reached 42 tonnes.",
    "red": "A diagram of sprinklers: the Kestrel Pump feeds Lake Mirny.",
}
TABLE = (
    ("Field", "Crop", "Tonnes"),
    ("North", "Turnip", "12.5"),
    ("South", "Leek", "8"),
)


def write(document: fpdf.FPDF, text: str) -> None:
    document.multi_cell(0, 7, text, new_x="LMARGIN", new_y="NEXT")


def report() -> bytes:
    """Return a PDF file with two figures, a table and a formula."""
    document = fpdf.FPDF()
    document.set_font("helvetica", size=12)
    document.add_page()
    write(document, "The Northfield farm in Oslo grew turnips.")
    document.image(io.BytesIO(one_color((30, 60, 220), 300, 200)), w=90)
    write(document, "Figure 1: Yield by field")
    document.ln(12)
    write(document, "y = a * x + b")
    with document.table() as table:
        for texts in TABLE:
            row = table.row()
            for text in texts:
                row.cell(text)
    document.add_page()
    write(document, "The second page shows the irrigation.")
    document.image(io.BytesIO(one_color((220, 30, 30), 300, 200)), w=90)
    write(document, "Figure 2: Irrigation plan")
    return bytes(document.output())


def respond(request: ReceivedRequest) -> Answer:
    """Describe an image by its colour; answer other requests by rule."""
    answer = stand_in_provider.respond(request)
    if "image_url" not in str(request.body):
        return answer
    looks = stand_in.answer(stand_in_provider.request_of(request.body))
    text = next(text for colour, text in DESCRIPTIONS.items() if colour in looks)
    return Answer(
        stand_in_provider.events({"role": "assistant", "content": text}, "stop")
    )


@pytest.fixture(scope="module")
def server(provider: Provider) -> Iterator[httpx.Client]:
    provider.respond = respond
    settings = {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "text",
        "LLM_BINDING_HOST": f"{provider.url}/v1",
        "LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "VLM_PROCESS_ENABLE": "true",
        "VLM_LLM_MODEL": "vision",
        "EMBEDDING_BINDING": "fake",
        "COSINE_THRESHOLD": "0",
        "LOG_LEVEL": "WARNING",
    }
    with live_server.running(settings) as client:
        yield client


def test_figures_are_described_found_and_deleted(
    server: httpx.Client, provider: Provider
) -> None:
    files = {"file": ("harvest.pdf", report())}
    assert server.post("/documents/upload", files=files).json()["status"] == "success"
    live_server.settle(server, 1)
    described = [r for r in provider.requests if "image_url" in str(r.body)]
    assert [request.body["model"] for request in described] == ["vision", "vision"]
    for question, words, page in (
        ("How many tonnes did the Zanzibar Plot reach?", "42 tonnes", 1),
        ("What feeds Lake Mirny?", "Kestrel Pump", 2),
    ):
        answer = server.post("/query", json={"query": question, "mode": "mix"}).json()
        assert words in answer["response"]
        [reference] = answer["references"]
        shown = [f for f in reference["figures"] if words in f["description"]]
        assert [figure["page"] for figure in shown] == [page]
        assert server.get(shown[0]["url"]).content.startswith(b"\x89PNG")
    labels = server.get("/graph/label/list").json()
    assert [label for label in labels if label.startswith("Figure 1: Yield by field")]
    rows = server.post("/documents/paginated", json={}).json()["documents"]
    body = {"doc_ids": [rows[0]["id"]]}
    server.request("DELETE", "/documents/delete_document", json=body)
    live_server.settle(server, 0)
    assert server.get("/graph/label/list").json() == []
    assert server.get(shown[0]["url"]).status_code == 404
